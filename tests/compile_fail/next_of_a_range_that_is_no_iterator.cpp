// expect: this range is not an iterator: auto it = fermata::iter(range), then fermata::next(it)
#include <fermata/iteration.hpp>
#include <vector>

int main() {
    std::vector<int> numbers{1, 2, 3};
#ifdef FERMATA_GOOD
    auto it = fermata::iter(numbers);
    return fermata::next(it);
#else
    return fermata::next(numbers), 0;
#endif
}
