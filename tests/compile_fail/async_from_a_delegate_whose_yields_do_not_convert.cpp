// expect: fermata: from: what the delegate yields does not convert to what this generator yields
#include <fermata/async.hpp>
#include <string>

fermata::async_generator<std::string> words() { co_yield std::string("word"); }

fermata::async_generator<int> numbers() {
#ifdef FERMATA_GOOD
    auto sub = words();
    while (auto s = co_await sub.next()) co_yield static_cast<int>(s->size());
#else
    co_yield fermata::from(words());
#endif
}
