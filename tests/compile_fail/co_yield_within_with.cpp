// PEP 789: a scope held across a yield of an async generator would cancel the task that steps it. `with` cannot be.
// expect: fermata: co_yield cannot stand in a task: only a generator or an async_generator yields, and no scope that was entered by with() can be held across a co_yield
#include <fermata/async.hpp>

using namespace fermata;

async_generator<int> limited() {
    int got = 0;
    auto body = [&](timeout&) -> task<> {
        co_await sleep(std::chrono::milliseconds(1));
        got = 1;
#ifndef FERMATA_GOOD
        co_yield got;
#endif
    };
    co_await with(timeout(std::chrono::milliseconds(5)), body);
    co_yield got;
}
