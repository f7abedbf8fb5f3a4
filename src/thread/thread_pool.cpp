#include <fermata/thread/detail/thread_pool.hpp>

#include <pthread.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <system_error>

namespace fermata::inline v0::detail {

namespace {

class all_ended final : public callback {
public:
    explicit all_ended(event_loop& loop) noexcept : loop_(loop) {}
    void run() override {
        known_ = true;
        loop_.stop();
    }
    std::string describe() const override { return "<end of the threads>"; }
    bool known() const noexcept { return known_; }

private:
    event_loop& loop_;
    bool known_ = false;
};

}  // namespace

thread_pool& thread_pool::of(event_loop& loop) {
    auto& extension = loop.extension(extension_slot::threads);
    if (!extension) extension = std::make_unique<thread_pool>(loop);
    return static_cast<thread_pool&>(*extension);
}

// As CPython's ThreadPoolExecutor.
std::size_t thread_pool::most_threads() noexcept {
    return std::min<std::size_t>(32, std::max(1U, std::thread::hardware_concurrency()) + 4);
}

void thread_pool::submit(thread_call& call) {
    const std::lock_guard guard(mutex_);
    if (stopping_) throw runtime_error("Executor shutdown has been called");
    const std::size_t free = working_ - busy_;
    if (queued_ >= free && working_ < most_threads()) start_thread();
    queue_.push_back(call);
    ++queued_;
    call.acquire();
    call.queued_ = call.awaited_ = true;
    loop_.expect_wake(1);
    wake_.notify_one();
}

// Where there is no further thread to be had, those that are there will do.
void thread_pool::start_thread() {
    try {
        threads_.emplace_back([this, number = threads_.size()] { work(number); });
        ++working_;
    } catch (const std::system_error&) {
        if (working_ == 0) throw runtime_error("can't start new thread");
    }
}

void thread_pool::work(std::size_t number) noexcept {
    char name[16];  // as long as it may be
    std::snprintf(name, sizeof name, "fermata_%zu", number);
    pthread_setname_np(pthread_self(), name);

    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return queued_ > 0 || stopping_; });
        if (queued_ == 0) break;
        thread_call& call = queue_.pop_front();
        call.queued_ = false;
        --queued_;
        ++busy_;
        lock.unlock();
        call.execute();
        lock.lock();
        --busy_;
        lock.unlock();
        call.deliver();
        lock.lock();
    }
    if (--working_ == 0 && all_ended_) loop_.schedule_threadsafe(*all_ended_);
    loop_.expect_wake(-1);
}

bool thread_pool::leave(thread_call& call) noexcept {
    mark(call, &thread_call::awaited_, false);
    {
        const std::lock_guard guard(mutex_);
        // A call that is delivered is in no list, or in the loop's, which is not for this one to touch.
        if (!call.queued_) return false;
        call.unlink();
        call.queued_ = false;
        --queued_;
    }
    call.release();
    return true;
}

void thread_pool::set_blocked(thread_call& call, bool blocked) noexcept { mark(call, &thread_call::blocked_, blocked); }

// The loop waits for a thread whose call is awaited, or that is to end, unless the thread itself waits for the loop.
void thread_pool::mark(thread_call& call, bool thread_call::* what, bool value) noexcept {
    const std::lock_guard guard(mutex_);
    const auto expected = [&] { return (call.awaited_ || stopping_) && !call.blocked_; };
    const bool before = expected();
    blocked_ -= static_cast<std::size_t>(call.blocked_);
    call.*what = value;
    blocked_ += static_cast<std::size_t>(call.blocked_);
    if (expected() != before) loop_.expect_wake(before ? -1 : 1);
}

void thread_pool::shut_down() {
    all_ended ended(loop_);
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
        if (working_ == 0) return;
        all_ended_ = &ended;
        loop_.expect_wake(static_cast<int>(working_ - blocked_));
    }
    wake_.notify_all();
    do {
        loop_.run_forever();
    } while (!ended.known());
    join();
}

void thread_pool::close() noexcept {
    while (!guests_.empty()) guests_.pop_front().leave_loop();
}

void thread_pool::join() noexcept {
    for (std::thread& each : threads_) each.join();
    threads_.clear();
}

thread_pool::~thread_pool() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    join();
}

}  // namespace fermata::inline v0::detail
