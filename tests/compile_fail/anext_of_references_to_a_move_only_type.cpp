// expect: this async generator yields references to a move-only object, which anext() cannot give by value: use g.next()
#include <fermata/async.hpp>
#include <memory>

fermata::async_generator<std::unique_ptr<int>&> cells() {
    std::unique_ptr<int> cell = std::make_unique<int>(1);
    co_yield cell;
}

fermata::task<> program() {
    auto g = cells();
#ifdef FERMATA_GOOD
    co_await g.next();
#else
    co_await fermata::anext(g);
#endif
}
