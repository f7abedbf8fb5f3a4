// expect: from: what this generator is sent does not convert to what the delegate receives
#include <fermata/generator.hpp>

fermata::generator<int, int> echo() {
    int last = 0;
    for (;;) last = co_yield last;
}

#ifdef FERMATA_GOOD
fermata::generator<int, int> outer() { co_yield fermata::from(echo()); }
#else
fermata::generator<int> outer() { co_yield fermata::from(echo()); }
#endif

int main() { outer().next(); }
