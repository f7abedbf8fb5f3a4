// What a generator is, and the plain protocol: next, send, states, moving and destroying. What was expected of CPython
// 3.13 was observed there.

#include <fermata/generator/generator.hpp>

#include "../base/support.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using fermata::generator;
using fermata::generator_state;
using fermata::next;
using fermata::send;
using fermata::stop_iteration;
using support::raised;

namespace {

generator<int> count_to(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

generator<int, std::optional<int>, int> two_and_seven() {
    const std::optional<int> got = co_yield 1;
    co_yield got.value_or(2);
    co_return 7;
}

generator<double, double> averager() {
    double total = 0;
    double average = 0;
    for (int count = 1;; ++count) {
        total += co_yield average;
        average = total / count;
    }
}

generator<int, void, int> returns_at_once(int result) {
    co_return result;
    co_yield 0;  // never reached: what makes it a generator
}

}  // namespace

TEST(generator, runs_nothing_before_the_first_next) {
    bool ran = false;
    auto body = [](bool& flag) -> generator<int> {
        flag = true;
        co_yield 1;
    };
    auto g = body(ran);
    EXPECT_FALSE(ran);
    EXPECT_EQ(g.state(), generator_state::created);
    next(g);
    EXPECT_TRUE(ran);
    EXPECT_EQ(g.state(), generator_state::suspended);
}

TEST(generator, gives_what_it_yields_one_at_a_time) {
    auto g = count_to(3);
    EXPECT_EQ(next(g), 1);
    EXPECT_EQ(next(g), 2);
    EXPECT_EQ(next(g), 3);
    EXPECT_THROW(next(g), stop_iteration);
}

// SEMANTICS 1
TEST(generator, once_exhausted_stays_exhausted) {
    auto g = count_to(1);
    next(g);
    for (int i = 0; i < 3; ++i) EXPECT_THROW(next(g), stop_iteration);
    EXPECT_EQ(next(g, -1), -1);
    EXPECT_EQ(next(g, -2), -2);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(g.next());
    EXPECT_EQ(g.state(), generator_state::closed);
}

TEST(generator, next_with_a_default_gives_it_only_at_the_end) {
    auto g = count_to(1);
    EXPECT_EQ(next(g, -1), 1);
    EXPECT_EQ(next(g, -1), -1);
}

TEST(generator, that_is_sent_values_has_next_with_a_default_too) {
    auto g = averager();
    EXPECT_EQ(next(g, -1.0), 0);
}

// SEMANTICS 2, 5
TEST(generator, gives_its_return_value_once) {
    auto g = two_and_seven();
    next(g);
    next(g);
    try {
        next(g);
        FAIL();
    } catch (const stop_iteration& e) {
        EXPECT_EQ(e.value<int>(), 7);
    }
    try {
        next(g);
        FAIL();
    } catch (const stop_iteration& e) {
        EXPECT_FALSE(e.has_value());
    }
}

// SEMANTICS 2, 5
TEST(generator, send_raises_stop_iteration_with_the_return_value_once) {
    auto g = two_and_seven();
    next(g);
    EXPECT_EQ(send(g, 5), 5);
    try {
        send(g, 5);
        FAIL();
    } catch (const stop_iteration& e) {
        EXPECT_EQ(e.value<int>(), 7);
    }
    try {
        send(g, 5);
        FAIL();
    } catch (const stop_iteration& e) {
        EXPECT_FALSE(e.has_value());
    }
}

TEST(generator, may_return_before_it_yields) {
    auto g = returns_at_once(4);
    auto s = g.next();
    EXPECT_FALSE(s);
    EXPECT_EQ(s.result(), 4);
    EXPECT_EQ(g.next().result(), std::nullopt);
}

TEST(generator, receives_what_is_sent) {
    auto g = averager();
    EXPECT_EQ(next(g), 0);
    EXPECT_EQ(send(g, 10), 10);
    EXPECT_EQ(send(g, 20), 15);
    EXPECT_EQ(*g.send(30), 20);
}

// SEMANTICS 4
TEST(generator, cannot_be_sent_a_value_before_it_has_started) {
    auto g = averager();
    EXPECT_EQ(raised<fermata::type_error>([&] { g.send(5); }), "can't send non-None value to a just-started generator");
    EXPECT_EQ(raised<fermata::type_error>([&] { send(g, 5); }),
              "can't send non-None value to a just-started generator");
    EXPECT_EQ(g.state(), generator_state::created);
    EXPECT_EQ(next(g), 0);
    EXPECT_EQ(send(g, 10), 10);
}

// SEMANTICS 4
TEST(generator, can_be_started_by_sending_none) {
    auto g = two_and_seven();
    EXPECT_EQ(send(g, std::nullopt), 1);
    EXPECT_EQ(send(g, std::nullopt), 2);
}

TEST(generator, next_is_send_none_where_none_can_be_sent) {
    auto g = two_and_seven();
    g.next();
    g.send(50);
    auto h = two_and_seven();
    h.next();
    EXPECT_EQ(*h.next(), 2);
}

TEST(generator, forgets_what_it_was_sent_before) {
    auto body = []() -> generator<std::optional<int>, std::optional<int>> {
        std::optional<int> got = co_yield std::nullopt;
        for (;;) got = co_yield got;
    };
    auto g = body();
    g.next();
    EXPECT_EQ(*g.send(5), 5);
    EXPECT_EQ(*g.next(), std::nullopt);
    EXPECT_EQ(*g.send(std::nullopt), std::nullopt);
    EXPECT_EQ(*g.send(6), 6);
}

// `total += None` is Python's TypeError, raised in the body. Here the call is refused, and the generator goes on.
TEST(generator, that_waits_for_a_value_is_not_nexted) {
    auto g = averager();
    next(g);
    EXPECT_EQ(raised<fermata::type_error>([&] { g.next(); }),
              "this generator waits for a value: next() can only start it, call send()");
    EXPECT_THROW(next(g), fermata::type_error);
    EXPECT_EQ(g.state(), generator_state::suspended);
    EXPECT_EQ(send(g, 10), 10);
}

TEST(generator, that_has_ended_may_be_nexted_whatever_it_was_sent) {
    auto body = []() -> generator<int, int> { co_yield 1; };
    auto g = body();
    g.next();
    EXPECT_FALSE(g.send(1));
    EXPECT_FALSE(g.next());
}

namespace {

// Every operation in every state, as a table: what CPython's gives, then its state.

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using subject = generator<int, std::optional<int>, int>;

std::string shown(const std::optional<int>& value) { return value ? std::to_string(*value) : "None"; }

std::string shown(generator_state state) {
    switch (state) {
    case generator_state::created: return "created";
    case generator_state::running: return "running";
    case generator_state::suspended: return "suspended";
    case generator_state::closed: return "closed";
    }
    return "?";
}

template <class Step>
std::string shown_step(Step&& s) {
    return s ? "yield " + std::to_string(*s) : "StopIteration " + shown(s.result());
}

std::string outcome(subject& g, const std::string& operation) {
    try {
        if (operation == "next") return shown_step(g.next());
        if (operation == "send None") return shown_step(g.send(std::nullopt));
        if (operation == "send 5") return shown_step(g.send(5));
        if (operation == "throw") return shown_step(g.throw_(failure("oops")));
        if (operation == "throw ptr") return shown_step(g.throw_(std::make_exception_ptr(failure("oops"))));
        if (operation == "throw exit") return shown_step(g.throw_(fermata::generator_exit()));
        if (operation == "throw stop") return shown_step(g.throw_(stop_iteration(3)));
        if (operation == "close") return "closed " + shown(g.close());
    } catch (const failure& e) {
        return std::string("failure: ") + e.what();
    } catch (const fermata::generator_exit&) {
        return "GeneratorExit";
    } catch (const stop_iteration& e) {
        return "raised StopIteration " + (e.has_value() ? std::to_string(e.value<int>()) : "None");
    } catch (const fermata::type_error& e) {
        return std::string("TypeError: ") + e.what();
    } catch (const fermata::value_error& e) {
        return std::string("ValueError: ") + e.what();
    } catch (const fermata::runtime_error& e) {
        return std::string("RuntimeError: ") + e.what();
    }
    return "unknown operation " + operation;
}

subject made(const std::string& state) {
    subject g = two_and_seven();
    if (state == "created") return g;
    if (state == "moved from") {
        const subject elsewhere = std::move(g);
        return g;  // NOLINT(bugprone-use-after-move): it is what is wanted
    }
    g.next();
    if (state == "suspended") return g;
    if (state == "closed") {
        g.close();
        return g;
    }
    if (state == "raised") {
        EXPECT_THROW(g.throw_(failure("x")), failure);
        return g;
    }
    g.next();
    if (state == "at its last yield") return g;
    g.next();
    return g;  // returned
}

struct row {
    const char* state;
    const char* operation;
    const char* gives;
    const char* then;
};

std::ostream& operator<<(std::ostream& out, const row& r) { return out << r.operation << " when " << r.state; }

class operation_in_state : public testing::TestWithParam<row> {};

constexpr const char* just_started = "TypeError: can't send non-None value to a just-started generator";
constexpr const char* raised_stop = "RuntimeError: generator raised StopIteration";

}  // namespace

// SEMANTICS 1, 4, 5, 6, 7, 9, 11, 12, 15
TEST_P(operation_in_state, gives_what_cpython_gives) {
    subject g = made(GetParam().state);
    EXPECT_EQ(outcome(g, GetParam().operation), GetParam().gives);
    EXPECT_EQ(shown(g.state()), GetParam().then);
}

INSTANTIATE_TEST_SUITE_P(generator, operation_in_state,
                         testing::Values(row{"created", "next", "yield 1", "suspended"},                      //
                                         row{"created", "send None", "yield 1", "suspended"},                 //
                                         row{"created", "send 5", just_started, "created"},                   //
                                         row{"created", "throw", "failure: oops", "closed"},                  //
                                         row{"created", "throw ptr", "failure: oops", "closed"},              //
                                         row{"created", "throw exit", "GeneratorExit", "closed"},             //
                                         row{"created", "throw stop", "raised StopIteration 3", "closed"},    //
                                         row{"created", "close", "closed None", "closed"},                    //
                                         row{"suspended", "next", "yield 2", "suspended"},                    //
                                         row{"suspended", "send None", "yield 2", "suspended"},               //
                                         row{"suspended", "send 5", "yield 5", "suspended"},                  //
                                         row{"suspended", "throw", "failure: oops", "closed"},                //
                                         row{"suspended", "throw ptr", "failure: oops", "closed"},            //
                                         row{"suspended", "throw exit", "GeneratorExit", "closed"},           //
                                         row{"suspended", "throw stop", raised_stop, "closed"},               //
                                         row{"suspended", "close", "closed None", "closed"},                  //
                                         row{"at its last yield", "next", "StopIteration 7", "closed"},       //
                                         row{"at its last yield", "send None", "StopIteration 7", "closed"},  //
                                         row{"at its last yield", "send 5", "StopIteration 7", "closed"},     //
                                         row{"at its last yield", "throw", "failure: oops", "closed"},        //
                                         row{"at its last yield", "close", "closed None", "closed"},          //
                                         row{"returned", "next", "StopIteration None", "closed"},             //
                                         row{"returned", "send None", "StopIteration None", "closed"},        //
                                         row{"returned", "send 5", "StopIteration None", "closed"},           //
                                         row{"returned", "throw", "failure: oops", "closed"},                 //
                                         row{"returned", "throw ptr", "failure: oops", "closed"},             //
                                         row{"returned", "throw exit", "GeneratorExit", "closed"},            //
                                         row{"returned", "throw stop", "raised StopIteration 3", "closed"},   //
                                         row{"returned", "close", "closed None", "closed"},                   //
                                         row{"raised", "next", "StopIteration None", "closed"},               //
                                         row{"raised", "send None", "StopIteration None", "closed"},          //
                                         row{"raised", "send 5", "StopIteration None", "closed"},             //
                                         row{"raised", "throw", "failure: oops", "closed"},                   //
                                         row{"raised", "throw stop", "raised StopIteration 3", "closed"},     //
                                         row{"raised", "close", "closed None", "closed"},                     //
                                         row{"closed", "next", "StopIteration None", "closed"},               //
                                         row{"closed", "send None", "StopIteration None", "closed"},          //
                                         row{"closed", "send 5", "StopIteration None", "closed"},             //
                                         row{"closed", "throw", "failure: oops", "closed"},                   //
                                         row{"closed", "throw exit", "GeneratorExit", "closed"},              //
                                         row{"closed", "close", "closed None", "closed"},                     //
                                         row{"moved from", "next", "StopIteration None", "closed"},           //
                                         row{"moved from", "send 5", "StopIteration None", "closed"},         //
                                         row{"moved from", "throw", "failure: oops", "closed"},               //
                                         row{"moved from", "close", "closed None", "closed"}));

namespace {

subject reenters(subject*& self, std::vector<std::string>& outcomes) {
    for (const char* operation :
         {"next", "send None", "send 5", "throw", "throw ptr", "throw exit", "throw stop", "close"}) {
        outcomes.push_back(outcome(*self, operation) + ", " + shown(self->state()));
    }
    co_yield 1;
    co_yield 2;
    co_return 3;
}

}  // namespace

// SEMANTICS 16
TEST(generator, that_executes_refuses_every_operation_and_survives) {
    subject* self = nullptr;
    std::vector<std::string> outcomes;
    subject g = reenters(self, outcomes);
    self = &g;
    EXPECT_EQ(*g.next(), 1);
    EXPECT_EQ(outcomes, std::vector<std::string>(8, "ValueError: generator already executing, running"));
    EXPECT_EQ(*g.next(), 2);
    EXPECT_EQ(g.next().result(), 3);
}

// SEMANTICS 16
TEST(generator, that_executes_refuses_when_resumed_by_each_operation) {
    subject* self = nullptr;
    std::vector<std::string> outcomes;
    auto body = [](subject*& me, std::vector<std::string>& seen) -> subject {
        try {
            const std::optional<int> got = co_yield 1;
            seen.push_back(shown(got) + ": " + outcome(*me, "next"));
        } catch (const failure&) {
            seen.push_back("thrown: " + outcome(*me, "next"));
        } catch (const fermata::generator_exit&) {
            seen.push_back("closed: " + outcome(*me, "next"));
        }
        co_return 9;
    };
    for (const char* operation : {"next", "send 5", "throw", "close"}) {
        subject g = body(self, outcomes);
        self = &g;
        g.next();
        const std::string ended = outcome(g, operation);
        EXPECT_TRUE(ended == "StopIteration 9" || ended == "closed 9") << ended;
    }
    const std::string refused = "ValueError: generator already executing";
    EXPECT_EQ(outcomes, (std::vector{"None: " + refused, "5: " + refused, "thrown: " + refused, "closed: " + refused}));
}

// SEMANTICS 16
TEST(generator, error_of_reentry_may_end_it) {
    subject* self = nullptr;
    auto body = [](subject*& me) -> subject {
        me->next();
        co_yield 1;
        co_return 2;
    };
    subject g = body(self);
    self = &g;
    EXPECT_EQ(raised<fermata::value_error>([&] { g.next(); }), "generator already executing");
    EXPECT_EQ(g.state(), generator_state::closed);
}

TEST(generator, still_executes_while_its_locals_go) {
    struct looks_back {
        subject*& of;
        std::string& seen;
        ~looks_back() { seen = outcome(*of, "next") + ", " + shown(of->state()); }
    };
    subject* self = nullptr;
    std::string seen;
    auto body = [](subject*& me, std::string& state) -> subject {
        const looks_back local{me, state};
        co_yield 1;
        co_return 2;
    };
    subject g = body(self, seen);
    self = &g;
    g.next();
    EXPECT_EQ(g.next().result(), 2);
    EXPECT_EQ(seen, "ValueError: generator already executing, running");
}

TEST(generator, may_step_another) {
    auto outer = [](generator<int>& other) -> generator<int> {
        while (auto s = other.next()) co_yield *s * 10;
    };
    auto other = count_to(2);
    auto g = outer(other);
    EXPECT_EQ(next(g), 10);
    EXPECT_EQ(other.state(), generator_state::suspended);
    EXPECT_EQ(next(g), 20);
    EXPECT_THROW(next(g), stop_iteration);
}

TEST(generator, moves_with_its_place) {
    auto g = count_to(3);
    next(g);
    auto moved = std::move(g);
    EXPECT_EQ(next(moved), 2);
    g = std::move(moved);
    EXPECT_EQ(next(g), 3);
}

TEST(generator, that_was_moved_from_gives_nothing_and_may_be_assigned_to) {
    auto g = count_to(3);
    next(g);
    const auto moved = std::move(g);
    for (const int n : g) ADD_FAILURE() << n;  // NOLINT(bugprone-use-after-move): what it then gives is the point
    EXPECT_EQ(g.state(), generator_state::closed);
    g = count_to(1);
    EXPECT_EQ(next(g), 1);
}

TEST(generator, survives_assignment_of_itself) {
    auto g = count_to(3);
    next(g);
    auto& same = g;
    g = std::move(same);
    EXPECT_EQ(g.state(), generator_state::suspended);
    EXPECT_EQ(next(g), 2);
}

TEST(generator, swaps) {
    auto a = count_to(3);
    auto b = count_to(9);
    next(a);
    std::swap(a, b);
    EXPECT_EQ(next(a), 1);
    EXPECT_EQ(next(b), 2);
}

TEST(generator, is_move_only) {
    EXPECT_FALSE(std::is_copy_constructible_v<generator<int>>);
    EXPECT_FALSE(std::is_copy_assignable_v<generator<int>>);
    EXPECT_TRUE(std::is_nothrow_move_constructible_v<generator<int>>);
    EXPECT_TRUE(std::is_nothrow_move_assignable_v<generator<int>>);
}

TEST(generator, lives_in_containers_and_functions_of_any_kind) {
    std::vector<generator<int>> many;
    for (int i = 1; i <= 20; ++i) many.push_back(count_to(i));
    int sum = 0;
    for (auto& g : many) {
        for (const int n : g) sum += n;
    }
    EXPECT_EQ(sum, 1540);
    const std::function<generator<int>(int)> factory = count_to;
    EXPECT_EQ(*factory(1).next(), 1);
}

namespace {

struct fibonacci {
    int first;
    generator<int> from_here() const {
        int a = first;
        int b = 1;
        for (;;) {
            co_yield a;
            a = std::exchange(b, a + b);
        }
    }
};

generator<int> keeps(support::tracked by_value, const support::tracked& by_reference) {
    co_yield by_value.value;
    co_yield by_reference.value;
}

}  // namespace

TEST(generator, may_be_a_member_function) {
    const fibonacci f{0};
    auto g = f.from_here();
    std::vector<int> first;
    for (const int n : g) {
        if (n > 20) break;
        first.push_back(n);
    }
    EXPECT_EQ(first, (std::vector<int>{0, 1, 1, 2, 3, 5, 8, 13}));
}

TEST(generator, keeps_its_parameters_and_refers_to_its_references) {
    support::tally values;
    support::tally references;
    {
        support::tracked referred(references, 2);
        auto g = keeps(support::tracked(values, 1), referred);
        EXPECT_EQ(values.alive(), 1);
        EXPECT_EQ(references.copied, 0);
        referred.value = 3;
        EXPECT_EQ(next(g), 1);
        EXPECT_EQ(next(g), 3);
        EXPECT_FALSE(g.next());
        EXPECT_EQ(values.alive(), 1);  // as long as the generator object
    }
    EXPECT_TRUE(values.settled());
}

namespace {

generator<int> with_locals(std::string& journal, support::tally& counts, support::tracked parameter) {
    const support::leaves_note first(journal, "first ");
    const support::tracked local(counts, parameter.value);
    co_yield 1;
    const support::leaves_note second(journal, "second ");
    co_yield 2;
    if (local.value == 1) throw failure("one");
}

struct destruction : testing::Test {
    std::string journal;
    support::tally locals;
    support::tally parameters;
    generator<int> started(int steps, int value = 0) {
        auto g = with_locals(journal, locals, support::tracked(parameters, value));
        for (int i = 0; i < steps; ++i) g.next();
        return g;
    }
    void TearDown() override {
        EXPECT_EQ(locals.alive(), 0);
        EXPECT_TRUE(parameters.settled());
    }
};

}  // namespace

TEST_F(destruction, of_an_unstarted_one_destroys_its_parameters) {
    {
        const auto g = started(0);
    }
    EXPECT_EQ(journal, "");
    EXPECT_EQ(locals.made, 0);
}

TEST_F(destruction, of_a_suspended_one_destroys_the_locals_it_has) {
    {
        const auto g = started(1);
    }
    EXPECT_EQ(journal, "first ");
}

TEST_F(destruction, of_a_suspended_one_destroys_its_locals_from_the_last) {
    {
        const auto g = started(2);
    }
    EXPECT_EQ(journal, "second first ");
}

TEST_F(destruction, of_an_ended_one_destroys_no_local_again) {
    {
        const auto g = started(3);
        EXPECT_EQ(journal, "second first ");
        EXPECT_EQ(locals.alive(), 0);
        EXPECT_EQ(parameters.alive(), 1);
    }
    EXPECT_EQ(journal, "second first ");
}

TEST_F(destruction, of_one_that_raised_destroys_no_local_again) {
    {
        auto g = started(2, 1);
        EXPECT_THROW(g.next(), failure);
        EXPECT_EQ(journal, "second first ");
    }
    EXPECT_EQ(journal, "second first ");
}

TEST_F(destruction, of_one_that_was_thrown_into_destroys_no_local_again) {
    auto g = started(2);
    EXPECT_THROW(g.throw_(failure("thrown")), failure);
    EXPECT_EQ(journal, "second first ");
    EXPECT_EQ(locals.alive(), 0);
}

TEST_F(destruction, of_one_that_was_closed_destroys_no_local_again) {
    auto g = started(2);
    g.close();
    EXPECT_EQ(journal, "second first ");
    EXPECT_EQ(locals.alive(), 0);
}

TEST_F(destruction, by_assignment_destroys_the_old_one) {
    auto g = started(1);
    g = count_to(1);
    EXPECT_EQ(journal, "first ");
    EXPECT_EQ(parameters.alive(), 0);
}

// A body without an end is where compilers have destroyed the locals twice (llvm #61900).
TEST_F(destruction, of_an_infinite_one_that_was_thrown_into_happens_once) {
    auto infinite = [](support::tally& counts) -> generator<int> {
        const support::tracked local(counts);
        for (;;) co_yield local.value;
    };
    {
        auto g = infinite(locals);
        g.next();
        EXPECT_THROW(g.throw_(failure("thrown")), failure);
        EXPECT_EQ(locals.alive(), 0);
    }
    EXPECT_EQ(locals.destroyed, 1);
    {
        auto g = started(0);
    }
}

// A conscious difference from CPython: its __del__ calls close().
TEST_F(destruction, of_a_suspended_one_runs_no_handler_of_generator_exit) {
    bool caught = false;
    auto body = [](bool& flag) -> generator<int> {
        try {
            co_yield 1;
        } catch (const fermata::generator_exit&) {
            flag = true;
        }
    };
    {
        auto g = body(caught);
        g.next();
    }
    EXPECT_FALSE(caught);
    {
        auto g = body(caught);
        g.next();
        g.close();
    }
    EXPECT_TRUE(caught);
    {
        auto g = started(0);
    }
}

TEST(generator_death_test, destroying_one_while_it_executes_ends_the_program_with_a_message) {
    const auto destroys_itself = [] {
        std::optional<generator<int>> self;
        auto body = [](std::optional<generator<int>>& me) -> generator<int> {
            me.reset();
            co_yield 1;
        };
        self.emplace(body(self));
        self->next();
    };
    EXPECT_DEATH(destroys_itself(), "a generator was destroyed while it was executing");
}
