// expect-gcc: use of deleted function 'fermata::v0::async_generator<Yield, Send, Return>::async_generator(const fermata::v0::async_generator<Yield, Send, Return>&)
// expect-clang: call to deleted constructor of 'fermata::async_generator<int>'
// expect: it is one suspended call: move it
#include <fermata/async.hpp>
#include <utility>

fermata::async_generator<int> count_to(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

int main() {
    auto g = count_to(3);
#ifdef FERMATA_GOOD
    auto h = std::move(g);
#else
    fermata::async_generator<int> h = g;
#endif
}
