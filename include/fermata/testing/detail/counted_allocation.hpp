#pragma once

// What the operators of failing_new.hpp do.

#include <cstddef>

namespace fermata::inline v0::detail {

/// 0: as malloc does it. Raises std::bad_alloc where it is told to, or where there is no memory.
void* allocate_counted(std::size_t size, std::size_t alignment = 0);
/// The same, but null instead of raising.
void* allocate_counted_or_null(std::size_t size, std::size_t alignment = 0) noexcept;
void free_counted(void* memory) noexcept;

/// Whether this program's operators are these.
bool counts_allocations();
/// How many have been made, and not been freed: of all threads.
std::size_t allocations_alive() noexcept;

/// The allocations of this thread that come, from the first: one of them fails.
struct allocation_plan {
    bool is_active = false;  // otherwise they do not count
    std::size_t passed = 0;
    std::size_t failing = 0;  // the number of it
    std::size_t size_of_failed = 0;
    bool has_failed = false;
};
allocation_plan& plan_of_allocations() noexcept;

}  // namespace fermata::inline v0::detail
