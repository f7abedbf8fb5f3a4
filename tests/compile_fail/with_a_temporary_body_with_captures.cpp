// expect-gcc: fermata: with: name the lambda and pass it by name: g++ 12 destroys its captures twice, PR 99576
#include <chrono>
#include <fermata/task/timeout.hpp>
#include <string>

fermata::task<> program(std::string text) {
    using namespace std::chrono_literals;
    auto body = [text](fermata::timeout&) -> fermata::task<> { co_return; };
#ifdef FERMATA_GOOD
    co_await fermata::with(fermata::timeout(1s), body);
#elif __GNUC__ > 12
#error                                                                                                                 \
    "it has been mended: fermata: with: name the lambda and pass it by name: g++ 12 destroys its captures twice, PR 99576"
#else
    co_await fermata::with(fermata::timeout(1s), [text](fermata::timeout&) -> fermata::task<> { co_return; });
#endif
}

int main() { program("text"); }
