#include <fermata/io/detail/backend.hpp>
#include <fermata/io/detail/io_awaiter.hpp>
#include <fermata/os/detail/file_io.hpp>
#include <fermata/task/sleep.hpp>
#include <fermata/thread/to_thread.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace fermata::inline v0::detail {

namespace {

// What a thread works on, perhaps for longer than anybody waits: it owns all that the call touches.
class thread_io {
public:
    thread_io(std::shared_ptr<file_endpoint> on, const io_request& asked) : on_(std::move(on)), request_(asked) {
        switch (asked.code) {
        case io_code::open:
        case io_code::open_beneath: bytes_ = static_cast<const char*>(asked.address); break;
        case io_code::write: bytes_.assign(static_cast<const char*>(asked.address), asked.size); break;
        case io_code::read: bytes_.resize(asked.size); break;
        default: break;
        }
        request_.address = asked.code == io_code::stat ? static_cast<void*>(&status_) : bytes_.data();
        if (asked.opens()) request_.extra = &status_;
    }
    thread_io(const thread_io&) = delete;
    thread_io& operator=(const thread_io&) = delete;
    ~thread_io() {
        if (request_.opens() && result_ >= 0) ::close(result_);
    }

    void call() noexcept { result_ = perform(request_, on_->descriptor()); }

    int take(const io_request& asked) noexcept {
        if (asked.code == io_code::read && result_ > 0) {
            std::memcpy(asked.address, bytes_.data(), static_cast<std::size_t>(result_));
        }
        if (asked.code == io_code::stat) *static_cast<struct statx*>(asked.address) = status_;
        if (asked.opens() && asked.extra) *static_cast<struct statx*>(asked.extra) = status_;
        return std::exchange(result_, -1);
    }

private:
    std::shared_ptr<file_endpoint> on_;
    io_request request_;
    std::string bytes_;
    struct statx status_{};
    int result_ = -1;
};

task<int> do_in_thread(std::shared_ptr<file_endpoint> on, io_request request) {
    const bool owes_a_turn = static_cast<backend&>(on->by()).owes_a_turn();
    if (owes_a_turn) co_await sleep(std::chrono::nanoseconds(0));
    const int at_once = perform_from_memory(request, on->descriptor());
    if (at_once != -EAGAIN) co_return at_once;
    const auto call = std::make_shared<thread_io>(std::move(on), request);
    auto in_thread = to_thread([](const std::shared_ptr<thread_io>& given) { given->call(); }, call);
    co_await std::move(in_thread);
    co_return call->take(request);
}

task<int> do_in_kernel(std::shared_ptr<file_endpoint> on, io_request request) {
    plain_operation o(*on, request);
    co_return co_await o;
}

// A thread copies; so that much is not in memory twice.
constexpr std::size_t most_at_once = std::size_t{1} << 20;

}  // namespace

file_endpoint::file_endpoint(backend& by) noexcept
    : endpoint(by.loop(), by), life_(by.life()), kernel_does_it_(by.does_files()) {}

task<int> do_on(std::shared_ptr<file_endpoint> on, io_request request) {
    check_task(*on);
    // What takes several calls is not for the kernel.
    if (on->kernel_does_it() && request.code != io_code::open_beneath) return do_in_kernel(std::move(on), request);
    if (request.code == io_code::read || request.code == io_code::write)
        request.size = std::min(request.size, most_at_once);
    return do_in_thread(std::move(on), request);
}

}  // namespace fermata::inline v0::detail
