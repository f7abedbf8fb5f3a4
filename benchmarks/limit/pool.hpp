#pragma once

// The leanest pool of frames: a list of free blocks for each multiple of 32 bytes, for one thread.

#include <cstddef>
#include <new>

namespace bare {

class pool {
public:
    static void* allocate(std::size_t size) {
        const std::size_t index = (size + 31) / 32;
        if (index >= classes) return ::operator new(size);
        block* free = free_blocks[index];
        if (!free) return ::operator new(index * 32);
        free_blocks[index] = free->next;
        return free;
    }
    static void deallocate(void* memory, std::size_t size) noexcept {
        const std::size_t index = (size + 31) / 32;
        if (index >= classes) return ::operator delete(memory);
        free_blocks[index] = ::new (memory) block{free_blocks[index]};
    }

private:
    static constexpr std::size_t classes = 33;
    struct block {
        block* next;
    };
    static inline block* free_blocks[classes] = {};
};

/// For promises: their coroutines' frames come from the pool.
struct pooled {
    static void* operator new(std::size_t size) { return pool::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { pool::deallocate(memory, size); }
};

}  // namespace bare
