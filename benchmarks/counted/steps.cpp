// What scripts/bench-check counts the instructions of: `counted_steps WHAT N` does N units of WHAT.

#include "../support/bodies.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace {

// Coroutines that are not inlined, but whose callers the compiler sees whole; the opaque ones are in another translation
// unit, where the compiler must suppose that a coroutine kept the address of the generator object that it returned.
[[gnu::noinline]] bare::generator count_bare(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}
[[gnu::noinline]] fermata::generator<int> count(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

long sum_of(bare::generator g) {
    long sum = 0;
    while (g.next()) sum += *g;
    return sum;
}

[[gnu::noinline]] long step_bare(int n) {
    auto g = count_bare(n);
    long sum = 0;
    while (g.next()) sum += *g;
    return sum;
}

long drain(fermata::generator<int> g) {
    long sum = 0;
    while (auto s = g.next()) sum += *s;
    return sum;
}

[[gnu::noinline]] long step(int n) {
    auto g = count(n);
    long sum = 0;
    while (auto s = g.next()) sum += *s;
    return sum;
}

[[gnu::noinline]] long loop(int n) {
    long sum = 0;
    for (int i : count(n)) sum += i;
    return sum;
}

long create_pool(int n) {
    long sum = 0;
    for (int i = 0; i < n; ++i) sum += drain(bodies::count(3));
    return sum;
}

long create_malloc(int n) {
    long sum = 0;
    for (int i = 0; i < n; ++i) sum += drain(bodies::count_malloc(std::allocator_arg, {}, 3));
    return sum;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: counted_steps "
                   "step_bare|step|loop|opaque_bare|opaque_step|depth_1|depth_1000|create_pool|create_malloc N\n",
                   stderr);
        return 2;
    }
    const char* what = argv[1];
    const int n = std::atoi(argv[2]);
    const auto is = [&](const char* name) { return std::strcmp(what, name) == 0; };
    long sum = -1;
    if (is("step_bare")) sum = step_bare(n);
    if (is("step")) sum = step(n);
    if (is("loop")) sum = loop(n);
    if (is("opaque_bare")) sum = sum_of(bodies::count_bare(n));
    if (is("opaque_step")) sum = drain(bodies::count(n));
    if (is("depth_1")) sum = drain(bodies::count_at(1, n));
    if (is("depth_1000")) sum = drain(bodies::count_at(1000, n));
    if (is("create_pool")) sum = create_pool(n);
    if (is("create_malloc")) sum = create_malloc(n);
    if (sum < 0) {
        std::fprintf(stderr, "counted_steps: what is '%s'?\n", what);
        return 2;
    }
    std::printf("%ld\n", sum);
    return 0;
}
