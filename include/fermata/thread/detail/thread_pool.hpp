#pragma once

// The threads of a loop.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/thread/detail/thread_call.hpp>

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace fermata::inline v0::detail {

/// Makes the calls in the order in which they were submitted. A thread that has made its call counts as free before the
/// loop hears of it: one task that makes call after call is served by one thread.
class thread_pool final : public loop_extension {
public:
    /// That of the loop; made when it is first asked for.
    static thread_pool& of(event_loop& loop);
    explicit thread_pool(event_loop& loop) noexcept : loop_(loop) {}
    /// Waits for the threads.
    ~thread_pool() override;

    event_loop& loop() const noexcept { return loop_; }
    static std::size_t most_threads() noexcept;

    /// Takes a share of the call, which is awaited. Raises runtime_error.
    void submit(thread_call& call);
    /// The call is awaited no more. True if it has not begun: it never will, and its share is given back.
    bool leave(thread_call& call) noexcept;
    void set_blocked(thread_call& call, bool blocked) noexcept;

    /// Runs the loop until all threads have ended: they may need it.
    void shut_down() override;

    /// Those who are told when the loop is closed.
    intrusive_list<loop_guest>& guests() noexcept { return guests_; }
    void close() noexcept override;

private:
    void work(std::size_t number) noexcept;
    void start_thread();
    void mark(thread_call& call, bool thread_call::* what, bool value) noexcept;
    void join() noexcept;

    event_loop& loop_;
    // Of the loop's thread:
    std::vector<std::thread> threads_;
    intrusive_list<loop_guest> guests_;
    // Guarded by the mutex:
    std::mutex mutex_;
    std::condition_variable wake_;
    intrusive_list<thread_call> queue_;
    std::size_t queued_ = 0;
    std::size_t working_ = 0;  // threads that have not ended
    std::size_t busy_ = 0;     // of those, the ones that make a call
    std::size_t blocked_ = 0;  // of those, the ones that wait for the loop
    callback* all_ended_ = nullptr;
    bool stopping_ = false;
};

}  // namespace fermata::inline v0::detail
