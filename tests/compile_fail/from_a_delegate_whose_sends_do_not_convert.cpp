// expect: from: what this generator is sent does not convert to what the delegate receives
#include <fermata/generator.hpp>
#include <string>

fermata::generator<int, std::string> lengths() {
    int length = 0;
    for (;;) {
        const std::string got = co_yield length;
        length = static_cast<int>(got.size());
    }
}

#ifdef FERMATA_GOOD
fermata::generator<int, const char*> outer() { co_yield fermata::from(lengths()); }
#else
struct no_text {};
fermata::generator<int, no_text> outer() { co_yield fermata::from(lengths()); }
#endif

int main() { outer().next(); }
