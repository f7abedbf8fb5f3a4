// What every C++ program of the fuzzer includes. Its twin in Python is support.py: same names, same lines printed.
#pragma once

#include <fermata/generator.hpp>
#include <fermata/iteration.hpp>

#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace fuzz {

constexpr int default_value = 99;   // that next() is given
constexpr int longest_trace = 400;  // lines of one program that are kept; the same in support.py

using value = std::optional<int>;

using plain = fermata::generator<int, value, value>;
using wide = fermata::generator<long, std::optional<long>, value>;
using mixed = fermata::generator<int, std::optional<long>, value>;
using reference = fermata::generator<const int&, value, value>;
using counting = fermata::generator<int, value, int>;
using silent = fermata::generator<int>;
using optional = fermata::generator<value, value, value>;

// Values

inline value number(int v) { return v; }
inline value number(long v) { return static_cast<int>(v); }
inline value number(value v) { return v; }
inline value number(std::optional<long> v) { return v ? value(static_cast<int>(*v)) : std::nullopt; }
inline value number(const std::optional<value>& v) { return v ? *v : std::nullopt; }

inline int num(value v) { return v ? *v : -1; }
inline value plus(value v, int n) { return ((num(v) + n) % 1000 + 1000) % 1000; }
inline bool is_none(value v, int) { return !v; }
inline bool is_some(value v, int) { return v.has_value(); }
inline bool is_even(value v, int) { return v && *v % 2 == 0; }
inline bool is_above(value v, int than) { return v && *v > than; }

// The trace. Each line is flushed, so that a crash shows how far the program came.

inline int lines = 0;

inline void say(const char* at, const char* what, const char* text) {
    if (lines++ >= longest_trace) return;
    std::printf(*text ? "%s %s %s\n" : "%s %s\n", at, what, text);
    std::fflush(stdout);
}
inline void say(const char* at, const char* what) { say(at, what, ""); }
inline void say(const char* at, const char* what, const std::string& text) { say(at, what, text.c_str()); }
inline std::string text(value v) { return v ? std::to_string(*v) : "None"; }
inline void say(const char* at, const char* what, value v) { say(at, what, text(v)); }

/// In every body: counts the frames whose locals are alive, and owns memory, so that a frame whose locals are never
/// destroyed, or twice, shows.
class local {
public:
    local() : memory_(new int(1)) { alive += *memory_; }
    local(const local&) = delete;
    local& operator=(const local&) = delete;
    ~local() { alive -= *memory_; }
    static inline int alive = 0;

private:
    std::unique_ptr<int> memory_;
};

// Errors

class demo_error : public fermata::error {
public:
    using error::error;
};
class narrow_error : public fermata::value_error {
public:
    using value_error::value_error;
};
class demo_exit {  // derives from BaseException only
public:
    demo_exit() = default;
    explicit demo_exit(const char* text) : text_(text) {}
    const char* what() const noexcept { return text_; }

private:
    const char* text_ = "";
};

inline value value_of(const fermata::stop_iteration& stop) {
    if (!stop.has_value()) return std::nullopt;
    try {
        return stop.value<int>();
    } catch (const fermata::type_error&) {
        return stop.value<value>();
    }
}

inline std::string titled(const char* name, const char* text) {
    return *text ? std::string(name) + ": " + text : std::string(name);
}

inline std::string name(const std::exception_ptr& error);

inline std::string cause(const std::exception& error) {
    auto* nested = dynamic_cast<const std::nested_exception*>(&error);
    if (!nested || !nested->nested_ptr()) return "";
    std::string inner = name(nested->nested_ptr());
    return inner.starts_with("StopIteration") ? " from " + inner : "";
}

// The two errors of fermata whose text is not Python's, because its types leave it to the programmer what Python finds
// out as it runs (an AttributeError, and a None that is no int). support.py calls them by the same names.
inline const char* type_error_text(const char* text) {
    if (std::strstr(text, "had ended before, and has no result")) return "no result";
    if (std::strstr(text, "has no attribute 'send'")) return "no send";
    return text;
}

inline std::string name(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const narrow_error& e) {
        return titled("NarrowError", e.what());
    } catch (const demo_error& e) {
        return titled("DemoError", e.what());
    } catch (const fermata::value_error& e) {
        return titled("ValueError", e.what());
    } catch (const fermata::type_error& e) {
        return titled("TypeError", type_error_text(e.what()));
    } catch (const fermata::runtime_error& e) {
        return titled("RuntimeError", e.what()) + cause(e);
    } catch (const fermata::stop_iteration& e) {
        return "StopIteration(" + text(value_of(e)) + ")";
    } catch (const fermata::generator_exit&) {
        return "GeneratorExit";
    } catch (const demo_exit& e) {
        return titled("DemoExit", e.what());
    } catch (const std::exception& e) {
        return titled(typeid(e).name(), e.what());
    } catch (...) {
        return "an unknown exception";
    }
}

enum class error_class {
    value_error,
    type_error,
    runtime_error,
    demo_error,
    narrow_error,
    stop_iteration,
    generator_exit,
    demo_exit
};

struct error {
    error_class which;
    const char* text = "";  // Python's bare class is an object with no text
    value carried = std::nullopt;

    /// Gives the exception object to `use`, as its own type.
    template <class Use>
    auto with(Use use) const {
        switch (which) {
        case error_class::value_error: return use(fermata::value_error(text));
        case error_class::type_error: return use(fermata::type_error(text));
        case error_class::runtime_error: return use(fermata::runtime_error(text));
        case error_class::demo_error: return use(demo_error(text));
        case error_class::narrow_error: return use(narrow_error(text));
        case error_class::generator_exit: return use(fermata::generator_exit());
        case error_class::demo_exit: return use(demo_exit(text));
        case error_class::stop_iteration: break;
        }
        return carried ? use(fermata::stop_iteration(*carried)) : use(fermata::stop_iteration());
    }
    std::exception_ptr pointer() const {
        return with([](auto exception) { return std::make_exception_ptr(exception); });
    }
};

// Driving

/// A generator that the driver owns. `lent` counts the delegations to it that are under way, as in support.py;
/// `borrowers` those whose frames still exist: those must go before it.
template <class Generator>
struct slot {
    std::optional<Generator> generator;
    int lent = 0;
    int borrowers = 0;

    // See support.py.
    bool blocked() const { return lent > 0 && generator->state() == fermata::generator_state::suspended; }
    void put(Generator made) {
        if (generator) {
            *generator = std::move(made);
        } else {
            generator.emplace(std::move(made));
        }
    }
};

/// Stands in the frame of a generator that delegates to a slot's.
class borrowing {
public:
    explicit borrowing(int& borrowers) : borrowers_(borrowers) { ++borrowers_; }
    borrowing(const borrowing&) = delete;
    borrowing& operator=(const borrowing&) = delete;
    ~borrowing() { --borrowers_; }

private:
    int& borrowers_;
};

enum class operation { next, send, throw_, close, state, loop };
enum class way { step, raise, otherwise };  // g.next(), fermata::next(g), fermata::next(g, default)

struct action {
    operation what;
    way by = way::step;
    value sent = std::nullopt;
    error thrown = {error_class::value_error};
    bool watched = false;  // thrown by a pointer, and whether it comes back as the same object is looked at
    int limit = 0;
};

inline action next(way by) { return {.what = operation::next, .by = by}; }
inline action send(value v, way by) { return {.what = operation::send, .by = by, .sent = v}; }
inline action throw_object(error e) { return {.what = operation::throw_, .thrown = e}; }
inline action throw_pointer(error e) { return {.what = operation::throw_, .thrown = e, .watched = true}; }
inline action close() { return {.what = operation::close}; }
inline action state() { return {.what = operation::state}; }
inline action loop(int limit) { return {.what = operation::loop, .limit = limit}; }

inline value yields(const char* at, value v) {
    say(at, "yields", v);
    return v;
}

/// `caught`: StopIteration is told of; otherwise it is raised, as Python's `next(g)` does.
template <class Yield, class Return>
value settle(const char* at, fermata::step<Yield, Return> step, bool caught) {
    if (step) return yields(at, number(*step));
    if constexpr (std::is_void_v<Return>) {
        if (!caught) throw fermata::stop_iteration();
        say(at, "stops", value());
        return std::nullopt;
    } else {
        if (!caught && step.result()) throw fermata::stop_iteration(*step.result());
        if (!caught) throw fermata::stop_iteration();
        value result = step.result() ? number(*step.result()) : std::nullopt;
        say(at, "stops", result);
        return result;
    }
}

template <class Yield, class Send, class Return>
value send_to(const char* at, fermata::generator<Yield, Send, Return>& g, const action& a, bool caught) {
    if constexpr (std::is_void_v<Send>) {
        return settle(at, g.next(), caught);  // it cannot be sent anything: Python sends None
    } else {
        Send sent = a.sent ? Send(*a.sent) : Send();
        if (a.by == way::raise) return yields(at, number(fermata::send(g, sent)));
        return settle(at, g.send(sent), caught);
    }
}

template <class Yield, class Send, class Return>
value close_it(const char* at, fermata::generator<Yield, Send, Return>& g) {
    value result;
    if constexpr (std::is_void_v<Return>) {
        g.close();
    } else {
        auto returned = g.close();
        if (returned) result = number(*returned);
    }
    say(at, "closes", result);
    return result;
}

inline void say_state(const char* at, fermata::generator_state state) {
    static const char* const names[] = {"created", "running", "suspended", "closed"};
    say(at, "is", names[static_cast<int>(state)]);
}

template <class Generator>
void loop_over(const char* at, Generator& g, int limit) {
    for (auto&& v : g) {
        say(at, "item", number(v));
        if (--limit == 0) return;
    }
    say(at, "exhausted");
}

template <class Generator>
value perform(const char* at, Generator& g, const action& a, const std::exception_ptr& watched, bool caught) {
    switch (a.what) {
    case operation::next:
        if (a.by == way::raise) return yields(at, number(fermata::next(g)));
        if (a.by == way::otherwise) return yields(at, number(fermata::next(g, default_value)));
        return settle(at, g.next(), caught);
    case operation::send: return send_to(at, g, a, caught);
    case operation::throw_:
        if (a.watched) return settle(at, g.throw_(watched), caught);
        return settle(at, a.thrown.with([&](auto exception) { return g.throw_(exception); }), caught);
    case operation::close: return close_it(at, g);
    case operation::state: say_state(at, g.state()); break;
    case operation::loop: loop_over(at, g, a.limit); break;
    }
    return std::nullopt;
}

inline value report(const char* at, const std::exception_ptr& error, const std::exception_ptr& watched) {
    try {
        std::rethrow_exception(error);
    } catch (const fermata::stop_iteration& stop) {
        say(at, "stops", value_of(stop));
        return value_of(stop);
    } catch (...) {
        say(at, "raises", name(error) + (watched && error == watched ? " (the same)" : ""));
        return std::nullopt;
    }
}

/// One operation on a generator: tells what came of it, and gives the yielded or returned value.
template <class Generator>
value drive(const char* at, Generator& g, const action& a, bool caught) {
    std::exception_ptr watched = a.watched ? a.thrown.pointer() : nullptr;
    try {
        return perform(at, g, a, watched, caught);
    } catch (...) {
        if (!caught) throw;
        return report(at, std::current_exception(), watched);
    }
}

template <class Generator>
value drive(const char* at, slot<Generator>& s, const action& a, bool caught) {
    if (s.blocked() && a.what != operation::state) {
        say(at, "skipped");
        return std::nullopt;
    }
    return drive(at, *s.generator, a, caught);
}

template <class Generator>
void renew(const char* at, slot<Generator>& s, Generator made) {
    if (s.lent) return say(at, "skipped");
    s.put(std::move(made));
    say(at, "renews");
}

template <class Generator>
void revive(const char* at, slot<Generator>& s, Generator made, bool start) {
    if (s.lent || s.generator->state() != fermata::generator_state::closed) return;
    renew(at, s, std::move(made));
    if (start) drive(at, s, next(way::step), true);
}

template <class Generator>
void move(const char* at, slot<Generator>& s) {
    if (s.lent) return say(at, "skipped");
    Generator away = std::move(*s.generator);
    *s.generator = std::move(away);
    say(at, "moves");
}

/// Destroys what the slots hold, those first to whom nobody delegates.
template <class... Slots>
void finish(Slots&... slots) {
    bool progress = true;
    auto destroy = [&](auto& s) {
        if (!s.generator || s.borrowers > 0) return;
        s.generator.reset();
        progress = true;
    };
    while (progress) {
        progress = false;
        (destroy(slots), ...);
    }
    say("end", "live", local::alive);
}

struct program {
    const char* name;
    void (*run)();
};

/// Runs all programs, or those named by the arguments.
template <std::size_t Count>
int run(const program (&programs)[Count], int argc, char** argv) {
    for (const program& each : programs) {
        bool named = argc == 1;
        for (int i = 1; i < argc; ++i) named = named || !std::strcmp(argv[i], each.name);
        if (!named) continue;
        std::printf("== %s\n", each.name);
        lines = 0;
        local::alive = 0;
        each.run();
    }
    return 0;
}

}  // namespace fuzz
