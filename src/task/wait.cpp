#include <fermata/base/errors.hpp>
#include <fermata/task/detail/completion.hpp>
#include <fermata/task/wait.hpp>

#include <cstddef>
#include <memory>

namespace fermata::inline v0::detail {

namespace {

// Stands in the frame of wait_until: what it has not been called back for is unlinked as it goes.
class watch {
public:
    watch(event_loop& loop, std::vector<future_state*> futures, const wait_options& options)
        : enough_(loop), when_(options.return_when), size_(futures.size()), left_(size_), entries_(new entry[size_]) {
        for (std::size_t i = 0; i < futures.size(); ++i) {
            entries_[i].of = this;
            entries_[i].future = reference<future_state>::share(*futures[i]);
            futures[i]->add_done_callback(entries_[i]);
        }
        if (options.timeout == std::chrono::nanoseconds::max()) return;
        alarm_.of = this;
        loop.schedule_at(alarm_, loop.time_after(options.timeout));
    }
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;
    ~watch() {
        // In CPython those that are done have called by the time, or will: the call is on its way.
        for (std::size_t i = 0; i < size_; ++i) {
            if (entries_[i].linked() && entries_[i].future->done()) is_enough(*entries_[i].future);
        }
        enough_.loop().unschedule(alarm_);
    }

    completion& enough() noexcept { return enough_; }

private:
    struct entry final : callback {
        void run() override { of->one_is_done(*future); }
        std::string describe() const override { return "<wait>"; }
        callback* then() noexcept override { return &of->enough_; }
        watch* of = nullptr;
        reference<future_state> future;
    };
    struct alarm final : callback {
        void run() override { of->enough_.set(); }
        std::string describe() const override { return "<timeout of wait>"; }
        watch* of = nullptr;
    };

    void one_is_done(future_state& future) {
        if (!is_enough(future)) return;
        enough_.loop().unschedule(alarm_);
        enough_.set();
    }
    // That this one is done too. The exception is asked for, and so known, where it matters: not of the last one.
    bool is_enough(future_state& future) {
        --left_;
        const auto failed = [&] {
            return when_ == return_when::first_exception && !future.cancelled() && future.exception();
        };
        return left_ == 0 || when_ == return_when::first_completed || failed();
    }

    completion enough_;
    return_when when_;
    std::size_t size_;
    std::size_t left_;
    std::unique_ptr<entry[]> entries_;
    alarm alarm_;
};

}  // namespace

task<> wait_until(std::vector<future_state*> futures, wait_options options) {
    if (futures.empty()) throw value_error("Set of Tasks/Futures is empty.");
    watch watched(current_loop(), std::move(futures), options);
    co_await watched.enough();
}

}  // namespace fermata::inline v0::detail
