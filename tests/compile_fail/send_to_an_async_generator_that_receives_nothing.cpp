// expect: this async generator receives nothing (its Send is void): call next()
#include <fermata/async.hpp>

fermata::async_generator<int> count_to(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

fermata::task<> program() {
    auto g = count_to(3);
#ifdef FERMATA_GOOD
    co_await g.next();
#else
    co_await g.asend(1);
#endif
}
