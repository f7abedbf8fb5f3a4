#include <fermata/base/errors.hpp>
#include <fermata/io/detail/backend.hpp>
#include <fermata/testing/fault_injection.hpp>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace fermata {

namespace {

using detail::backend;
using detail::descriptor_endpoint;
using detail::io_code;
using detail::io_direction;
using detail::operation;

class faulty_backend final : public backend {
public:
    faulty_backend(event_loop& loop, std::unique_ptr<backend> inner, const fault_options& options)
        : backend(loop), inner_(std::move(inner)), options_(options), random_(options.seed) {}
    ~faulty_backend() override {
        for (const delayed& each : std::exchange(delayed_, {})) {
            each.what->become_orphan();
            each.what->complete(-ECANCELED);
        }
    }

    std::string_view name() const noexcept override { return inner_->name(); }
    int descriptor() const noexcept override { return inner_->descriptor(); }
    bool expects() const noexcept override { return !delayed_.empty() || inner_->expects(); }
    void wake() noexcept override { inner_->wake(); }
    void flush() noexcept override { inner_->flush(); }

    void wait(std::optional<std::chrono::nanoseconds> timeout) override {
        inner_->wait(delayed_.empty() ? timeout : std::chrono::nanoseconds(0));
        for (delayed& each : delayed_) --each.turns;
        for (;;) {
            const auto due = std::ranges::find_if(delayed_, [](const delayed& each) { return each.turns == 0; });
            if (due == delayed_.end()) break;
            operation& next = *due->what;
            delayed_.erase(due);
            begin(next);
        }
    }

    void adopt(descriptor_endpoint& e) override { inner_->adopt(e); }
    void remove(descriptor_endpoint& e) noexcept override { inner_->remove(e); }

    void submit(operation& o) noexcept override {
        if (const unsigned turns = up_to(options_.longest_delay)) {
            delayed_.push_back({&o, turns});
        } else {
            begin(o);
        }
    }

    void cancel(operation& o) noexcept override {
        if (std::erase_if(delayed_, [&](const delayed& each) { return each.what == &o; }) > 0) {
            o.complete(-ECANCELED);
        } else {
            inner_->cancel(o);
        }
    }

    void drain(operation& o) noexcept override {
        if (std::erase_if(delayed_, [&](const delayed& each) { return each.what == &o; }) > 0) {
            o.complete(-ECANCELED);
        } else {
            inner_->drain(o);
        }
    }

private:
    struct delayed {
        operation* what;
        unsigned turns;
    };

    void add(descriptor_endpoint&) override {}  // adopt() has another add it

    void begin(operation& o) noexcept {
        if (options_.one_in_fails > 0 && up_to(options_.one_in_fails - 1) == 0) return o.complete(-failure_of(o));
        o.request.at_once = detail::most_bytes_at_once;
        if (options_.most_bytes > 0) o.request.at_once = 1 + up_to(options_.most_bytes - 1);
        inner_->submit(o);
    }

    int failure_of(const operation& o) noexcept {
        switch (o.request.code) {
        case io_code::accept: return EMFILE;
        case io_code::connect: return ECONNREFUSED;
        default: break;
        }
        if (o.request.direction() == io_direction::in) return ECONNRESET;
        return up_to(1) == 0 ? ECONNRESET : ENOBUFS;
    }

    // The same with every standard library, which std::uniform_int_distribution is not.
    unsigned up_to(unsigned most) noexcept { return most == 0 ? 0 : static_cast<unsigned>(random_() % (most + 1ULL)); }

    std::unique_ptr<backend> inner_;
    fault_options options_;
    std::mt19937_64 random_;
    std::vector<delayed> delayed_;
};

}  // namespace

void inject_faults(const fault_options& options) {
    event_loop& loop = current_loop();
    if (backend::of_or_null(loop)) throw runtime_error("inject_faults() is to be called before the loop's first I/O");
    loop.set_port(std::make_unique<faulty_backend>(loop, detail::make_backend(loop), options));
}

}  // namespace fermata
