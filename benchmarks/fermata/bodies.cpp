#include "bodies.hpp"

namespace bodies {

fermata::generator<int> count(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

fermata::generator<int> count_malloc(std::allocator_arg_t, std::allocator<int>, int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

fermata::generator<int> count_at(int depth, int n) {
    if (depth == 0) {
        for (int i = 0; i < n; ++i) co_yield i;
    } else {
        co_yield fermata::from(count_at(depth - 1, n));
    }
}

fermata::generator<int> raise_at(int depth) {
    if (depth == 0) {
        co_yield 1;
        throw fermata::value_error("enough");
    }
    co_yield fermata::from(raise_at(depth - 1));
}

fermata::generator<int, int> echo() {
    int received = 0;
    for (;;) received = co_yield received;
}

fermata::generator<int> survive() {
    for (int survived = 0;;) {
        try {
            co_yield survived;
        } catch (const fermata::value_error&) {
            ++survived;
        }
    }
}

fermata::generator<int> count_and_clean_up(int n) {
    try {
        for (int i = 0; i < n; ++i) co_yield i;
    } catch (const fermata::generator_exit&) {
        n = 0;
        throw;
    }
}

}  // namespace bodies
