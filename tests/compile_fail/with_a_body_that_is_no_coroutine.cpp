// expect: fermata: with: the body must be a coroutine that takes the resource: [&](auto& r) -> task<>
#include <chrono>
#include <fermata/task/timeout.hpp>

int main() {
    using namespace std::chrono_literals;
#ifdef FERMATA_GOOD
    auto body = [](fermata::timeout&) -> fermata::task<> { co_return; };
#else
    auto body = [](fermata::timeout&) {};
#endif
    auto entered = fermata::with(fermata::timeout(1s), body);
}
