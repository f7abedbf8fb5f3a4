// expect: this generator needs to be sent values, and a loop sends none: call send(), or make its Send void or a std::optional
#include <fermata/generator.hpp>

fermata::generator<int, int> echo() {
    int last = 0;
    for (;;) last = co_yield last;
}

int main() {
    auto g = echo();
    int sum = 0;
#ifdef FERMATA_GOOD
    g.next();
    for (int i = 0; i < 3; ++i) sum += *g.send(i);
#else
    for (int i : g) sum += i;
#endif
    return sum;
}
