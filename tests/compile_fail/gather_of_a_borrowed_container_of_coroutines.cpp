// expect: fermata: coroutines run once: move the container in, as in gather(std::move(coroutines))
#include <fermata/task/gather.hpp>
#include <utility>
#include <vector>

fermata::task<int> one() { co_return 1; }

int main() {
    std::vector<fermata::task<int>> coroutines;
    coroutines.push_back(one());
#ifdef FERMATA_GOOD
    fermata::gather(std::move(coroutines));
#else
    fermata::gather(coroutines);
#endif
}
