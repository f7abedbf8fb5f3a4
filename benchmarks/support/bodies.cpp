#include "bodies.hpp"

namespace bodies {

bare::generator count_bare(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

fermata::generator<int> count(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

fermata::generator<int> count_at(int depth, int n) {
    if (depth == 0) {
        for (int i = 0; i < n; ++i) co_yield i;
    } else {
        co_yield fermata::from(count_at(depth - 1, n));
    }
}

fermata::generator<int> count_malloc(std::allocator_arg_t, std::allocator<int>, int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

fermata::generator<int, int> echo() {
    int received = 0;
    for (;;) received = co_yield received;
}

}  // namespace bodies
