#pragma once

/// \file
/// The operators new and delete of a program whose allocations fail when fail_every_allocation() says so. To be included in
/// one source of a test program, and in no other: it defines them. They are malloc and free, and count.

#include <fermata/testing/detail/counted_allocation.hpp>

#include <cstddef>
#include <new>

// NOLINTBEGIN(misc-definitions-in-headers): that is what it is for

void* operator new(std::size_t size) { return fermata::detail::allocate_counted(size); }
void* operator new[](std::size_t size) { return fermata::detail::allocate_counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return fermata::detail::allocate_counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return fermata::detail::allocate_counted(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return fermata::detail::allocate_counted_or_null(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return fermata::detail::allocate_counted_or_null(size);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return fermata::detail::allocate_counted_or_null(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return fermata::detail::allocate_counted_or_null(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* memory) noexcept { fermata::detail::free_counted(memory); }
void operator delete[](void* memory) noexcept { fermata::detail::free_counted(memory); }
void operator delete(void* memory, std::size_t) noexcept { fermata::detail::free_counted(memory); }
void operator delete[](void* memory, std::size_t) noexcept { fermata::detail::free_counted(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { fermata::detail::free_counted(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { fermata::detail::free_counted(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { fermata::detail::free_counted(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { fermata::detail::free_counted(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { fermata::detail::free_counted(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { fermata::detail::free_counted(memory); }

// NOLINTEND(misc-definitions-in-headers)
