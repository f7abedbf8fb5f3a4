// expect: a for loop cannot await: write while (auto s = co_await g.next()) use(*s);
#include <fermata/async.hpp>

fermata::async_generator<int> count_to(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

fermata::task<int> program() {
    auto g = count_to(3);
    int sum = 0;
#ifdef FERMATA_GOOD
    while (auto s = co_await g.next()) sum += *s;
#else
    for (int i : g) sum += i;
#endif
    co_return sum;
}
