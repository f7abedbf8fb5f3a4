#include <fermata/testing/detail/counted_allocation.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

namespace fermata::inline v0::detail {

namespace {

// Allocations are made before main() and after it.
constinit std::atomic<std::size_t> alive = 0;
constinit thread_local allocation_plan plan_of_thread;

bool is_to_fail(std::size_t size) noexcept {
    if (!plan_of_thread.is_active || ++plan_of_thread.passed != plan_of_thread.failing) return false;
    plan_of_thread.has_failed = true;
    plan_of_thread.size_of_failed = size;
    return true;
}

}  // namespace

void* allocate_counted_or_null(std::size_t size, std::size_t alignment) noexcept {
    if (is_to_fail(size)) return nullptr;
    if (size == 0) size = 1;
    void* const memory = alignment > 0 ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                                       : std::malloc(size);
    if (memory) alive.fetch_add(1, std::memory_order_relaxed);
    return memory;
}

void* allocate_counted(std::size_t size, std::size_t alignment) {
    void* const memory = allocate_counted_or_null(size, alignment);
    if (!memory) throw std::bad_alloc();
    return memory;
}

void free_counted(void* memory) noexcept {
    if (memory) alive.fetch_sub(1, std::memory_order_relaxed);
    std::free(memory);
}

bool counts_allocations() {
    const std::size_t before = allocations_alive();
    void* const memory = ::operator new(1);
    const bool counted = allocations_alive() != before;
    ::operator delete(memory);
    return counted;
}

std::size_t allocations_alive() noexcept { return alive.load(std::memory_order_relaxed); }

allocation_plan& plan_of_allocations() noexcept { return plan_of_thread; }

}  // namespace fermata::inline v0::detail
