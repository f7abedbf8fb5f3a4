// expect: this generator yields references to a move-only object, which next() and send() cannot give by value: use g.next() and g.send()
#include <fermata/generator.hpp>
#include <memory>

fermata::generator<std::unique_ptr<int>&> body(std::unique_ptr<int>& pointer) { co_yield pointer; }

int main() {
    auto pointer = std::make_unique<int>(1);
    auto g = body(pointer);
#ifdef FERMATA_GOOD
    return **g.next();
#else
    return *fermata::next(g);
#endif
}
