// expect-gcc: no matching function for call to 'fermata::detail::promise<fermata::generator<std::unique_ptr<int> >, std::unique_ptr<int>, void, void>::yield_value(std::unique_ptr<int>&)'
// expect-clang: expects an rvalue for 1st argument
#include <fermata/generator.hpp>
#include <memory>
#include <utility>

fermata::generator<std::unique_ptr<int>> body() {
    auto local = std::make_unique<int>(1);
#ifdef FERMATA_GOOD
    co_yield std::move(local);
#else
    co_yield local;
#endif
}

int main() { body().next(); }
