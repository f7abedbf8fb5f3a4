// What a sleeping task keeps in memory: `counted_memory [N]` starts N of them (1,000,000), and prints the bytes of one, as
// operator new counts them and as the kernel does, and the parts they consist of.

#include <fermata/async.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include <unistd.h>

namespace {

struct memory {
    long requested;
    long with_chunks;  // what malloc takes for it: its header, and rounding
    long blocks;
};
memory used{};

constexpr long chunk_header = sizeof(std::size_t);

long resident() {
    long pages = 0;
    if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
        if (std::fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
        std::fclose(file);
    }
    return pages * sysconf(_SC_PAGESIZE);
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    void* memory = std::malloc(size);
    if (!memory) throw std::bad_alloc();
    used.requested += static_cast<long>(size);
    used.with_chunks += static_cast<long>(malloc_usable_size(memory)) + chunk_header;
    ++used.blocks;
    return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    if (!memory) return;
    used.with_chunks -= static_cast<long>(malloc_usable_size(memory)) + chunk_header;
    --used.blocks;
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t size) noexcept {
    used.requested -= static_cast<long>(size);
    operator delete(memory);
}

namespace {

using namespace fermata;
using namespace std::chrono_literals;

// Not inline: a compiler that sees a frame's whole life may make it a local variable.
[[gnu::noinline]] task<> nap() { co_await sleep(1h); }

// A frame of the kind that nap has, and nothing in it but what the compiler and the promise want.
[[gnu::noinline]] task<> nothing() { co_return; }

long size_of_frame(task<> (*make)()) {
    const long before = used.requested;
    const task<> one = make();
    return used.requested - before;
}

void print_parts() {
    std::printf("frame of a task that sleeps          %4ld (of an empty coroutine: %ld)\n", size_of_frame(&nap),
                size_of_frame(&nothing));
    std::printf("  of which the promise               %4zu\n", sizeof(detail::task_promise<void>));
    std::printf("    of which the frame's links       %4zu\n", sizeof(detail::task_frame));
    std::printf("    and the Task                     %4zu\n", sizeof(detail::task_core));
    std::printf("      of which the future            %4zu\n", sizeof(detail::future_state));
    std::printf("        of which the callback        %4zu\n", sizeof(detail::callback));
    std::printf("  and the sleep                      %4zu\n", sizeof(detail::sleep_awaiter<false>));
}

task<> measure(long n) {
    const memory before = used;
    const long resident_before = resident();
    for (long i = 0; i < n; ++i) create_task(nap());
    co_await sleep(0s);
    const double tasks = static_cast<double>(n);
    std::printf("%ld sleeping tasks, each:\n", n);
    std::printf("requested from operator new       %7.1f\n",
                static_cast<double>(used.requested - before.requested) / tasks);
    std::printf("taken by malloc                   %7.1f\n",
                static_cast<double>(used.with_chunks - before.with_chunks) / tasks);
    std::printf("resident                          %7.1f\n", static_cast<double>(resident() - resident_before) / tasks);
    std::printf("blocks                            %7.3f\n", static_cast<double>(used.blocks - before.blocks) / tasks);
}

}  // namespace

int main(int argc, char** argv) {
    const long n = argc > 1 ? std::atol(argv[1]) : 1'000'000;
    print_parts();
    run(measure(n), {.virtual_time = true});
    return 0;
}
