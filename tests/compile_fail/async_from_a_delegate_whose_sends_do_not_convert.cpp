// expect: fermata: from: what this generator is sent does not convert to what the delegate receives
#include <fermata/async.hpp>
#include <optional>
#include <string>

template <class Send>
fermata::async_generator<int, std::optional<Send>> numbers() {
    co_yield 1;
}

fermata::async_generator<int, std::optional<int>> outer() {
#ifdef FERMATA_GOOD
    co_yield fermata::from(numbers<long>());
#else
    co_yield fermata::from(numbers<std::string>());
#endif
}
