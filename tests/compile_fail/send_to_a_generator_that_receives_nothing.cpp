// expect: this generator receives nothing (its Send is void): call next()
#include <fermata/generator.hpp>

fermata::generator<int> count_to(int last) {
    for (int i = 1; i <= last; ++i) co_yield i;
}

int main() {
    auto g = count_to(3);
    g.next();
#ifdef FERMATA_GOOD
    g.next();
#else
    g.send(1);
#endif
}
