// What needs the compiled library.
#include <chrono>
#include <cstdio>
#include <fermata/async.hpp>
#include <fermata/io.hpp>

fermata::task<int> answer() {
    co_await fermata::sleep(std::chrono::milliseconds(1));
    if (fermata::backend_name().empty()) throw fermata::runtime_error("no backend");
    co_return 42;
}

int main() {
    try {
        std::printf("%d\n", fermata::run(answer()));
        fermata::run([]() -> fermata::task<> { throw fermata::value_error("crosses the library's border"); }());
    } catch (const fermata::value_error& e) {
        std::printf("%s\n", e.what());
    }
}
