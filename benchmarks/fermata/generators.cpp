// fermata's generators: what a step, a send, a delegation, an exception, a close costs.

#include "../support/measured.hpp"
#include "../support/tree.hpp"
#include "bodies.hpp"

#include <optional>

namespace {

using fermata::generator;
using measured::require;
using measured::seen;

long sum_of_first(long n) { return n * (n - 1) / 2; }

// Its body is seen here, the opaque ones' are in another translation unit.
generator<int> count(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

long drain(generator<int> g) {
    long sum = 0;
    while (auto s = g.next()) sum += seen(*s);
    return sum;
}

long step_opaque(long n) {
    auto g = bodies::count(static_cast<int>(n));
    long sum = 0;
    while (auto s = g.next()) sum += seen(*s);
    require(sum == sum_of_first(n), "the sum of the values");
    return n;
}

long step_visible(long n) {
    auto g = count(static_cast<int>(n));
    long sum = 0;
    while (auto s = g.next()) sum += seen(*s);
    require(sum == sum_of_first(n), "the sum of the values");
    return n;
}

long step_loop(long n) {
    long sum = 0;
    for (int i : count(static_cast<int>(n))) sum += seen(i);
    require(sum == sum_of_first(n), "the sum of the values");
    return n;
}

long create(long n) {
    long sum = 0;
    for (long i = 0; i < n; ++i) sum += drain(bodies::count(3));
    require(sum == 3 * n, "the sum of the values");
    return n;
}

long create_malloc(long n) {
    long sum = 0;
    for (long i = 0; i < n; ++i) sum += drain(bodies::count_malloc(std::allocator_arg, {}, 3));
    require(sum == 3 * n, "the sum of the values");
    return n;
}

long send(long n) {
    auto g = bodies::echo();
    int value = *g.next();
    for (long i = 0; i < n; ++i) value = *g.send(seen(value + 1));
    require(value == n, "the last value");
    return n;
}

// Of a delegation that stands: the depth must not show.
constexpr int elements = 100'000;
std::optional<generator<int>> the_chain;
void delegate(long n) {
    the_chain.emplace(bodies::count_at(static_cast<int>(n), 2'000'000'000));
    the_chain->next();
}

long yield_from(long) {
    const long first = *the_chain->next();
    long last = first;
    for (int i = 0; i < elements; ++i) last = seen(*the_chain->next());
    require(last == first + elements, "the last value");
    return elements;
}

std::optional<measured::tree> the_tree;
void plant(long n) { the_tree.emplace(n); }

generator<int> walk(const measured::node* at) {
    if (at->left) co_yield fermata::from(walk(at->left));
    co_yield at->value;
    if (at->right) co_yield fermata::from(walk(at->right));
}

long tree(long n) {
    long sum = 0;
    auto g = walk(the_tree->root());
    while (auto s = g.next()) sum += seen(*s);
    require(sum == the_tree->sum(), "the sum of the nodes");
    return n;
}

long throw_(long n) {
    auto g = bodies::survive();
    long survived = *g.next();
    for (long i = 0; i < n; ++i) survived = *g.throw_(fermata::value_error());
    require(survived == n, "it survives each");
    return n;
}

// Generators that are made, stepped once, and left: closed, or just destroyed.
template <class Make, class Leave>
long leave(long n, Make make, Leave leave_it) {
    long sum = 0;
    for (long i = 0; i < n; ++i) {
        auto g = make(3);
        sum += *g.next() + 1;
        leave_it(g);
    }
    require(sum == n, "the first values");
    return n;
}

long close_passing(long n) {
    return leave(n, bodies::count, [](generator<int>& g) { g.close(); });
}
long close_catching(long n) {
    return leave(n, bodies::count_and_clean_up, [](generator<int>& g) { g.close(); });
}
long destroy(long n) {
    return leave(n, bodies::count, [](generator<int>&) {});
}

constexpr int levels = 10;

long throw_through(long n) {
    long caught = 0;
    for (long i = 0; i < n; ++i) {
        auto g = bodies::raise_at(levels);
        const int first = *g.next();
        try {
            g.next();
        } catch (const fermata::value_error&) {
            caught += first;
        }
    }
    require(caught == n, "each arrives");
    return n;
}

}  // namespace

int main(int argc, char** argv) {
    measured::main_of(argc, argv,
                      {
                          {"step_opaque", step_opaque},
                          {"step_visible", step_visible},
                          {"step_loop", step_loop},
                          {"create", create},
                          {"create_malloc", create_malloc},
                          {"send", send},
                          {"yield_from", yield_from, delegate},
                          {"tree", tree, plant},
                          {"throw", throw_},
                          {"close_passing", close_passing},
                          {"close_catching", close_catching},
                          {"destroy", destroy},
                          {"throw_through", throw_through},
                      });
}
