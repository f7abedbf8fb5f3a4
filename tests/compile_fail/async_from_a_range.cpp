// expect: fermata: from: an async_generator delegates to async generators: loop over this, and co_yield its elements
#include <fermata/async.hpp>
#include <fermata/generator.hpp>
#include <vector>

fermata::async_generator<int> numbers(std::vector<int> of) {
#ifdef FERMATA_GOOD
    for (int each : of) co_yield each;
#else
    co_yield fermata::from(of);
#endif
}
