// Boost.Coroutine2: stackful coroutines, of its default fixed-size stacks.

#include "../support/measured.hpp"
#include "../support/tree.hpp"

#include <boost/coroutine2/all.hpp>

#include <memory>
#include <optional>
#include <stdexcept>

namespace {

using pulled = boost::coroutines2::coroutine<int>::pull_type;
using pushed = boost::coroutines2::coroutine<int>::push_type;
using measured::require;
using measured::seen;

// Not inline: a body that is somewhere else.
[[gnu::noinline]] void count(pushed& yield, int n) {
    for (int i = 0; i < n; ++i) yield(i);
}

pulled counting(int n) {
    return pulled([n](pushed& yield) { count(yield, n); });
}

long step(long n) {
    long sum = 0;
    for (int i : counting(static_cast<int>(n))) sum += seen(i);
    require(sum == n * (n - 1) / 2, "the sum of the values");
    return n;
}

long create(long n) {
    long sum = 0;
    for (long i = 0; i < n; ++i) {
        for (int value : counting(3)) sum += seen(value);
    }
    require(sum == 3 * n, "the sum of the values");
    return n;
}

long destroy(long n) {
    long sum = 0;
    for (long i = 0; i < n; ++i) sum += counting(3).get() + 1;
    require(sum == n, "the first values");
    return n;
}

// Its coroutines go one way: what comes back stands in a variable of both.
long send(long n) {
    int answer = 0;
    pushed echo([&answer](pulled& received) {
        for (int value : received) answer = value;
    });
    for (long i = 0; i < n; ++i) echo(seen(answer + 1));
    require(answer == n, "the last value");
    return n;
}

// No delegation: each level passes on what it pulls from the one below.
void relay(pushed& yield, int depth) {
    if (depth == 0) {
        count(yield, 2'000'000'000);
    } else {
        pulled below([depth](pushed& up) { relay(up, depth - 1); });
        for (int i : below) yield(i);
    }
}

constexpr int elements = 1'000;
std::unique_ptr<pulled> the_chain;
void delegate(long n) {
    the_chain = std::make_unique<pulled>([depth = static_cast<int>(n)](pushed& yield) { relay(yield, depth); });
}

long yield_from(long) {
    const long first = the_chain->get();
    for (int i = 0; i < elements; ++i) (*the_chain)();
    require(the_chain->get() == first + elements, "the last value");
    return elements;
}

std::optional<measured::tree> the_tree;
void plant(long n) { the_tree.emplace(n); }

void walk(pushed& yield, const measured::node* at) {
    if (at->left) walk(yield, at->left);
    yield(at->value);
    if (at->right) walk(yield, at->right);
}

long tree(long n) {
    long sum = 0;
    pulled values([](pushed& yield) { walk(yield, the_tree->root()); });
    for (int value : values) sum += seen(value);
    require(sum == the_tree->sum(), "the sum of the nodes");
    return n;
}

void raise_at(pushed& yield, int depth) {
    if (depth == 0) {
        yield(1);
        throw std::runtime_error("enough");
    }
    pulled below([depth](pushed& up) { raise_at(up, depth - 1); });
    for (int i : below) yield(i);
}

long throw_through(long n) {
    long caught = 0;
    for (long i = 0; i < n; ++i) {
        pulled values([](pushed& yield) { raise_at(yield, 10); });
        const int first = values.get();
        try {
            values();
        } catch (const std::runtime_error&) {
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
                          {"step_opaque", step},
                          {"create", create},
                          {"destroy", destroy},
                          {"send", send},
                          {"yield_from", yield_from, delegate},
                          {"tree", tree, plant},
                          {"throw_through", throw_through},
                      });
}
