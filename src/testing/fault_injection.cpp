#include <fermata/base/errors.hpp>
#include <fermata/testing/detail/fault_plan.hpp>
#include <fermata/testing/fault_injection.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>

namespace fermata::inline v0 {

namespace {

using detail::backend;
using detail::io_code;
using detail::io_direction;
using detail::operation;

class random_faults final : public detail::fault_plan {
public:
    explicit random_faults(const fault_options& options) : options_(options), random_(options.seed) {}

    unsigned delay(const operation&) noexcept override { return up_to(options_.longest_delay); }
    int failure(const operation& o) noexcept override {
        if (one_in(options_.one_in_interrupted)) return interruption_of(o);
        return o.request.code != io_code::poll && one_in(options_.one_in_fails) ? -failure_of(o) : 0;
    }
    std::size_t most_bytes(const operation&) noexcept override {
        return options_.most_bytes > 0 ? 1 + up_to(options_.most_bytes - 1) : SIZE_MAX;
    }
    unsigned hold(const operation&) noexcept override { return up_to(options_.longest_hold); }

private:
    // A connect that is told to come again has failed: its peer has no room.
    int interruption_of(const operation& o) noexcept {
        return o.request.code != io_code::connect && up_to(1) == 0 ? -EAGAIN : -EINTR;
    }

    int failure_of(const operation& o) noexcept {
        switch (o.request.code) {
        case io_code::accept:
        case io_code::open:
        case io_code::open_beneath: return EMFILE;
        case io_code::connect: return up_to(1) == 0 ? ECONNREFUSED : ETIMEDOUT;
        case io_code::sync:
        case io_code::stat: return EIO;
        default: break;
        }
        if (o.request.offset >= 0 && o.request.code != io_code::send_file) return EIO;
        if (o.request.direction() == io_direction::in) return ECONNRESET;
        return up_to(1) == 0 ? ECONNRESET : ENOBUFS;
    }

    bool one_in(unsigned many) noexcept { return many > 0 && up_to(many - 1) == 0; }

    // The same with every standard library, which std::uniform_int_distribution is not.
    unsigned up_to(unsigned most) noexcept { return most == 0 ? 0 : static_cast<unsigned>(random_() % (most + 1ULL)); }

    fault_options options_;
    std::mt19937_64 random_;
};

}  // namespace

void inject_faults(const fault_options& options) {
    event_loop& loop = current_loop();
    if (backend::of_or_null(loop)) throw runtime_error("inject_faults() is to be called before the loop's first I/O");
    if (options.one_in_interrupted == 1) {
        throw value_error("one_in_interrupted is 1: what is always interrupted never ends; it must be 0, or 2 or more");
    }
    loop.set_port(detail::make_faulty_backend(loop, std::make_shared<random_faults>(options)));
}

}  // namespace fermata::inline v0
