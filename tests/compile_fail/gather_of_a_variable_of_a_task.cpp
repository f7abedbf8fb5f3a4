// expect: it is one suspended call: move it
#include <fermata/task/gather.hpp>
#include <utility>

fermata::task<int> one() { co_return 1; }

int main() {
    auto t = one();
#ifdef FERMATA_GOOD
    fermata::gather(std::move(t), one());
#else
    fermata::gather(t, one());
#endif
}
