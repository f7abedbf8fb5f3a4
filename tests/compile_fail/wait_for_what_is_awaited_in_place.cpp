// expect: fermata: this is awaited where it stands, and no Task can run it: write a coroutine that awaits it
#include <chrono>
#include <fermata/sync/event.hpp>
#include <fermata/task/task.hpp>
#include <fermata/task/wait_for.hpp>

fermata::task<> happens(fermata::event& of) { co_await of.wait(); }

int main() {
    fermata::event happened;
#ifdef FERMATA_GOOD
    auto waiting = fermata::wait_for(happens(happened), std::chrono::seconds(1));
#else
    auto waiting = fermata::wait_for(happened.wait(), std::chrono::seconds(1));
#endif
}
