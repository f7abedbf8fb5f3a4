#include <fermata/task/detail/completion_queue.hpp>
#include <fermata/task/timeout.hpp>

namespace fermata::inline v0::detail {

completion_queue::completion_queue(event_loop& loop, const std::vector<future_state*>& futures,
                                   std::optional<std::chrono::nanoseconds> timeout)
    : loop_(loop), entries_(new entry[futures.size()]), size_(futures.size()), left_(futures.size()) {
    for (std::size_t i = 0; i < size_; ++i) {
        entries_[i].of = this;
        futures[i]->add_done_callback(entries_[i]);
    }
    if (!timeout || size_ == 0) return;
    alarm_.of = this;
    loop_.schedule_at(alarm_, loop_.time_after(*timeout));
}

completion_queue::~completion_queue() { loop_.unschedule(alarm_); }

void completion_queue::is_done(entry& ended) noexcept {
    done_.push_back(static_cast<std::size_t>(&ended - entries_.get()));
    if (--left_ == 0) loop_.unschedule(alarm_);
    wake_next();
}

// Who waits is woken, each to find that nothing more will come.
void completion_queue::time_is_over() noexcept {
    over_ = true;
    for (std::size_t i = 0; i < size_; ++i) entries_[i].unlink();
    while (!getters_.empty()) wake_next();
}

// One that is cancelled, and has not gone on yet, is passed over.
void completion_queue::wake_next() noexcept {
    while (!getters_.empty()) {
        completion& first = getters_.pop_front().woken;
        if (!first.done()) return first.set();
    }
}

task<std::size_t> completion_queue::next() {
    while (done_.empty()) {
        if (over_) throw timeout_error();
        getter waiting(loop_);
        getters_.push_back(waiting);
        try {
            co_await waiting.woken;
        } catch (...) {  // cancelled: if it has been woken too, it is the next one's turn
            if (!waiting.woken.cancelled() && !done_.empty()) wake_next();
            throw;
        }
    }
    const std::size_t first = done_.front();
    done_.pop_front();
    co_return first;
}

}  // namespace fermata::inline v0::detail
