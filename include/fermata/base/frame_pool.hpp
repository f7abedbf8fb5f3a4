#pragma once

/// \file
/// The recycling allocator of coroutine frames. A frame that is freed is kept in a list of its thread and size class,
/// and given to the next coroutine of that class: no lock, no atomic, some six instructions each way, where malloc and
/// free take tens of nanoseconds. A frame may be freed on another thread than it came from: it then serves that thread.
///
/// At most 64 KiB of each class (8, 24, 40 … 2056 bytes: what malloc wastes nothing on; larger ones go to operator new) are
/// kept in a thread, 8 MiB at the very most, and returned when the thread ends. FERMATA_FRAME_POOL=0 turns the pool off.

#include <fermata/base/config.hpp>

#include <cstddef>
#include <new>

namespace fermata::detail {

class frame_pool {
public:
    static void* allocate(std::size_t size) {
        const std::size_t index = class_of(size);
        if (FERMATA_FRAME_POOL == 0 || index >= classes) return ::operator new(size);
        size_class& list = local.lists[index];
        free_frame* frame = list.first;
        if (!frame) [[unlikely]] {
            return ::operator new(size_of(index));
        }
        list.first = frame->next;
        ++list.room;
        return frame;
    }

    static void deallocate(void* memory, std::size_t size) noexcept {
        const std::size_t index = class_of(size);
        if (FERMATA_FRAME_POOL == 0 || index >= classes) return ::operator delete(memory);
        size_class& list = local.lists[index];
        if (list.room == 0) [[unlikely]] {
            if (!make_room(index)) return ::operator delete(memory);
        }
        list.first = ::new (memory) free_frame{list.first};
        --list.room;
    }

private:
    static constexpr std::size_t granule = 16;
    static constexpr std::size_t classes = 129;
    static constexpr std::size_t bytes_kept_in_a_class = 64 * 1024;

    struct free_frame {
        free_frame* next;
    };

    struct size_class {
        free_frame* first;
        unsigned room;  // how many more may be kept; 0 at first, so that the first one freed comes to make_room
        bool opened;
    };

    // Neither a constructor nor a destructor: then access needs no guard, and frames that static objects free after the
    // thread's end still find it, closed.
    struct pool {
        size_class lists[classes];
        bool closed;
    };

    struct closer {
        closer() = default;
        closer(const closer&) = delete;
        closer& operator=(const closer&) = delete;
        ~closer() { close(); }
    };

    static constexpr std::size_t class_of(std::size_t size) noexcept { return (size + 7) / granule; }
    static constexpr std::size_t size_of(std::size_t index) noexcept { return index * granule + 8; }

    FERMATA_DETAIL_COLD static bool make_room(std::size_t index) noexcept {
        size_class& list = local.lists[index];
        if (list.opened || local.closed) return false;
        static thread_local closer at_thread_exit;
        (void)at_thread_exit;
        list.opened = true;
        list.room = static_cast<unsigned>(bytes_kept_in_a_class / size_of(index));
        return true;
    }

    static void close() noexcept {
        local.closed = true;
        for (size_class& list : local.lists) {
            while (free_frame* frame = list.first) {
                list.first = frame->next;
                ::operator delete(frame);
            }
            list.room = 0;
        }
    }

    static thread_local constinit pool local;
};

inline constinit thread_local frame_pool::pool frame_pool::local{};

}  // namespace fermata::detail
