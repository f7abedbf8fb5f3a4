// expect: from: what the delegate yields does not convert to what this generator yields
#include <fermata/generator.hpp>
#include <string>

fermata::generator<std::string> words() { co_yield "word"; }

#ifdef FERMATA_GOOD
fermata::generator<std::string> outer() { co_yield fermata::from(words()); }
#else
fermata::generator<int> outer() { co_yield fermata::from(words()); }
#endif

int main() { outer().next(); }
