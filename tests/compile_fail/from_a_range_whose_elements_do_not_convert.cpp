// expect: from: the elements of this range do not convert to what this generator yields
#include <fermata/generator.hpp>
#include <string>

#ifdef FERMATA_GOOD
fermata::generator<char> outer(std::string text) { co_yield fermata::from(text); }
#else
fermata::generator<std::string> outer(std::string text) { co_yield fermata::from(text); }
#endif

int main() { outer("text").next(); }
