#pragma once

/// \file
/// The recycling allocator of coroutine frames. A frame that is freed is kept in a list of its thread and size class,
/// and given to the next coroutine of that class: no lock, no atomic, five and seven instructions, where malloc and
/// free take tens of nanoseconds. A frame may be freed on another thread than it came from: it then serves that thread.
///
/// At most 256 KiB of each class (16, 24, 40 … 2056 bytes: what malloc wastes nothing on; larger ones go to operator new) are
/// kept in a thread, 33 MiB at the very most, and returned when the thread ends. FERMATA_FRAME_POOL=0 turns the pool off.

#include <fermata/base/config.hpp>

#include <cstddef>
#include <new>
#include <utility>

namespace fermata::inline v0::detail {

class frame_pool {
public:
    static void* allocate(std::size_t size) {
        const std::size_t index = class_of(size);
        if (FERMATA_FRAME_POOL == 0 || index >= classes) return ::operator new(size);
        const free_frame*& first = local.first[index];
        const free_frame* frame = first;
        if (!frame->next) [[unlikely]] {
            return ::operator new(size_of(index));
        }
        first = frame->next;
        return const_cast<free_frame*>(frame);
    }

    static void deallocate(void* memory, std::size_t size) noexcept {
        const std::size_t index = class_of(size);
        if (FERMATA_FRAME_POOL == 0 || index >= classes) return ::operator delete(memory);
        const free_frame*& first = local.first[index];
        if (first->room == 0) [[unlikely]] {
            if (!open(index)) return ::operator delete(memory);
        }
        first = ::new (memory) free_frame{first, first->room - 1};
    }

    /// For tests: while it lives, each frame of this thread comes from operator new, and goes back there at once.
    class bypass {
    public:
        bypass() noexcept : was_closed_(local.closed) { close(); }
        ~bypass() { local.closed = was_closed_; }
        bypass(const bypass&) = delete;
        bypass& operator=(const bypass&) = delete;

    private:
        bool was_closed_;
    };

private:
    static constexpr std::size_t granule = 16;
    static constexpr std::size_t classes = 129;
    static constexpr std::size_t bytes_kept_in_a_class = 256 * 1024;

    static constexpr std::size_t class_of(std::size_t size) noexcept { return (size + 7) / granule; }
    static constexpr std::size_t size_of(std::size_t index) noexcept {
        return index == 0 ? sizeof(free_frame) : index * granule + 8;
    }

    struct free_frame {
        const free_frame* next;  // null in the two that end the lists, which no coroutine gets
        unsigned room;           // how many more may be kept above it
    };
    static constexpr free_frame nothing_kept{nullptr, 0};  // at first, so that the first one freed comes to open()
    struct bottoms {
        free_frame of[classes];

        constexpr bottoms() noexcept : of{} {
            for (std::size_t i = 0; i < classes; ++i)
                of[i].room = static_cast<unsigned>(bytes_kept_in_a_class / size_of(i));
        }
    };

    // Initialised by constants, and without a destructor: then access needs no guard, and frames that static objects free
    // after the thread's end still find it, closed.
    struct pool {
        const free_frame* first[classes];
        bool closed = false;

        constexpr pool() noexcept : first{} {
            for (const free_frame*& each : first) each = &nothing_kept;
        }
    };

    struct closer {
        closer() = default;
        closer(const closer&) = delete;
        closer& operator=(const closer&) = delete;
        ~closer() { close(); }
    };

    // Makes room for the first frame of a class; false where there is none, or no more.
    FERMATA_DETAIL_COLD static bool open(std::size_t index) noexcept {
        if (local.first[index] != &nothing_kept || local.closed) return false;
        static thread_local closer at_thread_exit;
        (void)at_thread_exit;
        local.first[index] = &bottom.of[index];
        return true;
    }

    static void close() noexcept {
        local.closed = true;
        for (const free_frame*& first : local.first) {
            while (first->next) ::operator delete(const_cast<free_frame*>(std::exchange(first, first->next)));
            first = &nothing_kept;
        }
    }

    static const bottoms bottom;
    static thread_local constinit pool local;
};

inline constexpr frame_pool::bottoms frame_pool::bottom{};
inline constinit thread_local frame_pool::pool frame_pool::local{};

}  // namespace fermata::inline v0::detail
