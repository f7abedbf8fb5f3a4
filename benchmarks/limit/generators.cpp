// What generators could cost at least: the bare promise, an iterator and a callback by hand, a throw and a catch.

#include "../support/measured.hpp"
#include "../support/tree.hpp"
#include "bodies.hpp"

#include <optional>

namespace {

using measured::require;
using measured::seen;

long sum_of_first(long n) { return n * (n - 1) / 2; }

bare::generator count(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

long drain(bare::generator g) {
    long sum = 0;
    while (g.next()) sum += seen(*g);
    return sum;
}

long step_opaque(long n) {
    auto g = bodies::count(static_cast<int>(n));
    long sum = 0;
    while (g.next()) sum += seen(*g);
    require(sum == sum_of_first(n), "the sum of the values");
    return n;
}

long step_visible(long n) {
    auto g = count(static_cast<int>(n));
    long sum = 0;
    while (g.next()) sum += seen(*g);
    require(sum == sum_of_first(n), "the sum of the values");
    return n;
}

class counter {
public:
    explicit counter(int end) : end_(end) {}
    bool next() { return ++value_ < end_; }
    int operator*() const { return value_; }

private:
    int value_ = -1;
    int end_;
};

long step_iterator(long n) {
    counter c(static_cast<int>(n));
    long sum = 0;
    while (c.next()) sum += seen(*c);
    require(sum == sum_of_first(n), "the sum of the values");
    return n;
}

long create(long n) {
    long sum = 0;
    for (long i = 0; i < n; ++i) sum += drain(bodies::count(3));
    require(sum == 3 * n, "the sum of the values");
    return n;
}

long send(long n) {
    const auto g = bodies::echo();
    int value = g.send(0);
    for (long i = 0; i < n; ++i) value = g.send(seen(value + 1));
    require(value == n, "the last value");
    return n;
}

std::optional<measured::tree> the_tree;
void plant(long n) { the_tree.emplace(n); }

// Not inline: a callback is somewhere else.
[[gnu::noinline]] void add(void* sum, int value) { *static_cast<long*>(sum) += value; }

void walk(const measured::node* at, void (*visit)(void*, int), void* context) {
    if (!at) return;
    walk(at->left, visit, context);
    visit(context, at->value);
    walk(at->right, visit, context);
}

long tree(long n) {
    long sum = 0;
    walk(seen(the_tree->root()), seen(&add), &sum);
    require(sum == the_tree->sum(), "the sum of the nodes");
    return n;
}

long throw_(long n) {
    long caught = 0;
    for (long i = 0; i < n; ++i) {
        try {
            caught -= bodies::accept(-1);
        } catch (const bodies::value_refused&) {
            ++caught;
        }
    }
    require(caught == n, "each is caught");
    return n;
}

// A generator that is made, stepped once, and destroyed.
long destroy(long n) {
    long sum = 0;
    for (long i = 0; i < n; ++i) {
        auto g = bodies::count(3);
        g.next();
        sum += *g + 1;
    }
    require(sum == n, "the first values");
    return n;
}

}  // namespace

int main(int argc, char** argv) {
    measured::main_of(argc, argv,
                      {
                          {"step_opaque", step_opaque},
                          {"step_visible", step_visible},
                          {"step_iterator", step_iterator},
                          {"create", create},
                          {"send", send},
                          {"tree", tree, plant},
                          {"throw", throw_},
                          {"destroy", destroy},
                      });
}
