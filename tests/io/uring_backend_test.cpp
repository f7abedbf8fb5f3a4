// What older kernels do: with more completions than their ring has room for, they take no more requests.

#include "backends.hpp"

#include <fermata/io/detail/backend.hpp>
#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/detail/io_awaiter.hpp>
#include <fermata/task/sleep.hpp>

#include <dlfcn.h>
#include <liburing.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <chrono>
#include <deque>

namespace {

unsigned most_completions = 0;
int refused = 0;
constexpr int most_refused = 1000;

}  // namespace

// Instead of liburing's.
extern "C" int io_uring_submit(io_uring* ring) {
    using function = decltype(&::io_uring_submit);
    static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "io_uring_submit"));
    const bool is_full = most_completions > 0 && io_uring_cq_ready(ring) >= most_completions;
    return is_full && ++refused < most_refused ? -EBUSY : real(ring);
}

namespace {

using namespace fermata;
using namespace std::chrono_literals;

TEST(uring_backend, hears_what_is_done_where_the_kernel_takes_no_more_before) {
    if (const std::string reason = tests::why_not("io_uring"); !reason.empty()) GTEST_SKIP() << reason;
    run_test([]() -> task<> {
        constexpr int entries_of_ring = 256;
        most_completions = 200;
        detail::descriptor_endpoint on(detail::backend::of(current_loop()),
                                       detail::unique_descriptor(eventfd(1, EFD_CLOEXEC)));
        std::deque<detail::plain_operation> polls;
        for (int i = 0; i < 3 * entries_of_ring; ++i) {
            polls.emplace_back(on, detail::io_request{.code = detail::io_code::poll, .flags = POLLIN}).start();
        }
        for (const detail::plain_operation& each : polls) {
            while (each.under_way()) co_await sleep(0s);
            EXPECT_EQ(each.result(), POLLIN);
        }
    }());
    most_completions = 0;
    unsetenv("FERMATA_BACKEND");
    EXPECT_GT(refused, 0);
    EXPECT_LT(refused, most_refused) << "it would be asked for ever";
}

}  // namespace
