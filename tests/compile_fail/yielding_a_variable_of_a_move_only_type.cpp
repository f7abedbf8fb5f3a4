// expect: fermata: co_yield: what this generator yields is handed over, and a variable is not copied: write co_yield std::move(variable)
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
