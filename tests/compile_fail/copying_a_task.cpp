// expect-gcc: use of deleted function 'fermata::v0::task<T>::task(const fermata::v0::task<T>&)
// expect-clang: call to deleted constructor of 'fermata::task<int>'
// expect: it is one suspended call: move it
#include <fermata/task/task.hpp>
#include <utility>

fermata::task<int> one() { co_return 1; }

int main() {
    auto t = one();
#ifdef FERMATA_GOOD
    fermata::task<int> u = std::move(t);
#else
    fermata::task<int> u = t;
#endif
}
