#include <fermata/testing/detail/fault_plan.hpp>
#include <fermata/testing/fail_every_operation.hpp>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace fermata::inline v0::detail {

namespace {

struct fault {
    const char* text;
    int failure = 0;  // an errno
    bool is_heard_of = true;
    unsigned delay = 0;
    unsigned hold = 0;
    std::size_t most = SIZE_MAX;
};

namespace known {

constexpr fault too_many_files{"ended with EMFILE", EMFILE};
constexpr fault no_memory{"ended with ENOMEM", ENOMEM};
constexpr fault reset{"ended with ECONNRESET", ECONNRESET};
constexpr fault timed_out{"ended with ETIMEDOUT", ETIMEDOUT};
constexpr fault bad_disk{"ended with EIO", EIO};

constexpr fault of_accept[] = {
    too_many_files, {"ended with ENFILE", ENFILE}, no_memory, {"ended with ECONNABORTED", ECONNABORTED}};
constexpr fault of_open[] = {too_many_files, {"ended with ENOENT", ENOENT}, {"ended with EACCES", EACCES}, bad_disk};
constexpr fault of_connect[] = {
    {"ended with ECONNREFUSED", ECONNREFUSED}, timed_out, {"ended with ENETUNREACH", ENETUNREACH}};
constexpr fault of_reading[] = {reset, timed_out, no_memory};
constexpr fault of_writing[] = {{"ended with EPIPE", EPIPE}, reset, {"ended with ENOBUFS", ENOBUFS}};
constexpr fault of_files[] = {bad_disk};
constexpr fault of_writing_to_files[] = {bad_disk, {"ended with ENOSPC", ENOSPC}};
constexpr fault of_poll[] = {no_memory};

// Of these nobody hears. The single byte is the last: not all operations move bytes.
constexpr fault of_all[] = {{.text = "was interrupted (EINTR)", .failure = EINTR, .is_heard_of = false},
                            {.text = "began late", .is_heard_of = false, .delay = 3},
                            {.text = "was told late", .is_heard_of = false, .hold = 3},
                            {.text = "was told to come again (EAGAIN)", .failure = EAGAIN, .is_heard_of = false},
                            {.text = "moved a single byte", .is_heard_of = false, .most = 1}};

}  // namespace known

std::span<const fault> errors_of(const io_request& r) noexcept {
    switch (r.code) {
    case io_code::accept: return known::of_accept;
    case io_code::open:
    case io_code::open_beneath: return known::of_open;
    case io_code::connect:
    case io_code::connected: return known::of_connect;
    case io_code::sync:
    case io_code::stat: return known::of_files;
    case io_code::poll: return known::of_poll;
    default: break;
    }
    const bool writes = r.direction() == io_direction::out;
    if (r.offset >= 0 && r.code != io_code::send_file) {
        if (writes) return known::of_writing_to_files;
        return known::of_files;
    }
    if (writes) return known::of_writing;
    return known::of_reading;
}

// A connect that is to come again is one that the peer has no room for: that is an error.
std::span<const fault> unheard_of(const io_request& r) noexcept {
    const std::span<const fault> all = known::of_all;
    switch (r.code) {
    case io_code::connect:
    case io_code::connected: return all.first(3);
    case io_code::accept:
    case io_code::open:
    case io_code::open_beneath:
    case io_code::sync:
    case io_code::stat:
    case io_code::poll: return all.first(4);
    default: return all;
    }
}

// The n-th fault of an operation, or null.
const fault* fault_of(const io_request& r, std::size_t number) noexcept {
    const std::span<const fault> errors = errors_of(r);
    if (number < errors.size()) return &errors[number];
    const std::span<const fault> unheard = unheard_of(r);
    return number - errors.size() < unheard.size() ? &unheard[number - errors.size()] : nullptr;
}

}  // namespace

class chosen_fault final : public fault_plan {
public:
    /// Of the operations from the first, which, and its fault. 0: none.
    void choose(std::size_t operation, std::size_t fault_number) noexcept {
        operation_ = operation;
        number_ = fault_number;
        passed_ = 0;
        target_ = nullptr;
        chosen_ = nullptr;
        has_come_ = false;
    }

    unsigned delay(const operation& o) noexcept override {
        if (!active || ++passed_ != operation_) return 0;
        has_come_ = true;
        chosen_ = fault_of(o.request, number_);
        name_ = o.as_awaited().what;
        target_ = &o;
        return chosen_ ? chosen_->delay : 0;
    }
    int failure(const operation& o) noexcept override {
        if (!is_target(o) || chosen_->failure == 0) return 0;
        target_ = nullptr;  // it may come again
        return -chosen_->failure;
    }
    std::size_t most_bytes(const operation& o) noexcept override { return is_target(o) ? chosen_->most : SIZE_MAX; }
    unsigned hold(const operation& o) noexcept override {
        return is_target(o) ? std::exchange(target_, nullptr), chosen_->hold : 0;
    }

    std::size_t operation_number() const noexcept { return operation_; }
    std::size_t fault_number() const noexcept { return number_; }
    std::size_t passed() const noexcept { return passed_; }
    /// The operation came, and knows so many faults.
    bool has_come() const noexcept { return has_come_; }
    const fault* chosen() const noexcept { return chosen_; }
    const char* name() const noexcept { return name_; }

    bool active = false;

private:
    bool is_target(const operation& o) const noexcept { return chosen_ && target_ == &o; }

    std::size_t operation_ = 0;
    std::size_t number_ = 0;
    std::size_t passed_ = 0;
    const operation* target_ = nullptr;
    const fault* chosen_ = nullptr;
    bool has_come_ = false;
    const char* name_ = "";
};

operation_failure::operation_failure() : chosen_(std::make_shared<chosen_fault>()) {
    if (const char* const asked = std::getenv("FERMATA_FAIL_OPERATION")) {
        char* end = nullptr;
        const std::size_t operation = std::strtoull(asked, &end, 10);
        const std::size_t number = *end == '.' ? std::strtoull(end + 1, nullptr, 10) : 0;
        chosen_->choose(operation, number);
        only_one_ = begun_ = true;
    }
}

operation_failure::~operation_failure() = default;

bool operation_failure::next() noexcept {
    chosen_fault& now = *chosen_;
    const std::size_t operation = now.operation_number();
    const std::size_t number = now.fault_number();
    if (!std::exchange(begun_, true) || repeats()) {
        now.choose(operation, number);
        return true;
    }
    if (only_one_) {
        if (now.chosen()) ++met_;
        return now.passed() == 0;
    }
    if (operation == 0) {
        total_ = now.passed();
        now.choose(1, 0);
        return total_ > 0;
    }
    if (!now.has_come()) return false;
    if (now.chosen()) {
        ++met_;
        now.choose(operation, number + 1);
    } else {
        now.choose(operation + 1, 0);
    }
    return true;
}

void operation_failure::prepare(event_loop& loop) { loop.set_port(make_faulty_backend(loop, chosen_)); }

void operation_failure::set_active(bool active) noexcept { chosen_->active = active; }
bool operation_failure::is_active() const noexcept { return chosen_->active; }
bool operation_failure::is_first() const noexcept { return chosen_->operation_number() == 0; }

bool operation_failure::is_expected(const std::exception_ptr& raised) const {
    const fault* const met = chosen_->chosen();
    if (!met || !met->is_heard_of) return false;
    const auto is_awaited = [](const std::exception_ptr& each, const void* failure) {
        try {
            std::rethrow_exception(each);
        } catch (const std::system_error& e) {
            return e.code().value() == *static_cast<const int*>(failure);
        } catch (...) {
            return false;
        }
    };
    return has_within(raised, is_awaited, &met->failure);
}

void operation_failure::fail(const std::exception_ptr& raised) const {
    const fault* const met = chosen_->chosen();
    if (!met) std::rethrow_exception(raised);
    const std::string number = std::to_string(chosen_->operation_number());
    const std::string text = "operation " + number + " of " + std::to_string(total_) + " (" + chosen_->name() + ") " +
                             met->text + ": " + text_of(raised) + "; FERMATA_FAIL_OPERATION=" + number + "." +
                             std::to_string(chosen_->fault_number()) + " repeats it";
    try {
        std::rethrow_exception(raised);
    } catch (...) {
        std::throw_with_nested(test_failure(text));
    }
}

}  // namespace fermata::inline v0::detail
