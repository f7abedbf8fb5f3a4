// An operation whose owner goes or is cancelled: nobody is to keep open what it gives, nor to write to what it was given.

#include "../net/servers.hpp"
#include "descriptors.hpp"

#include <fermata/io/detail/backend.hpp>
#include <fermata/io/detail/io_awaiter.hpp>

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>

namespace {

using namespace tests;
using detail::descriptor_endpoint;
using detail::io_code;
using detail::plain_operation;

FERMATA_ON_BOTH_BACKENDS(operation);

std::unique_ptr<descriptor_endpoint> listener() {
    const address where = address::of("127.0.0.1", 0);
    const int descriptor = checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    auto made = std::make_unique<descriptor_endpoint>(detail::backend::of(current_loop()),
                                                      detail::unique_descriptor(descriptor));
    checked(bind(descriptor, where.data(), where.size()), "bind");
    checked(listen(descriptor, 16), "listen");
    return made;
}

address where(const descriptor_endpoint& listens) { return detail::local_address_of(listens.descriptor()); }

TEST_P(operation, that_is_done_and_whose_owner_goes_closes_what_it_was_given) {
    runs([]() -> task<> {
        const auto on = listener();
        const raw_connection in(where(*on));
        const auto before = open_descriptors();
        {
            plain_operation accepting(*on, {.code = io_code::accept});
            accepting.start();
            while (accepting.under_way()) co_await sleep(0s);
            EXPECT_GE(accepting.result(), 0);
            EXPECT_EQ(open_descriptors(), before + 1);
        }
        EXPECT_EQ(open_descriptors(), before);
    });
}

TEST_P(operation, whose_result_is_taken_leaves_it_to_who_has_taken_it) {
    runs([]() -> task<> {
        const auto on = listener();
        const raw_connection in(where(*on));
        int taken = -1;
        {
            plain_operation accepting(*on, {.code = io_code::accept});
            taken = co_await accepting;
        }
        EXPECT_GE(fcntl(taken, F_GETFD), 0);
        close(taken);
    });
}

TEST_P(operation, that_goes_is_left_alone_afterwards_and_its_buffer_too) {
    runs([]() -> task<> {
        int ends[2] = {-1, -1};
        checked(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair");
        descriptor_endpoint on(detail::backend::of(current_loop()), detail::unique_descriptor(ends[0]));
        std::string buffer = "as it was";
        alignas(plain_operation) std::array<unsigned char, sizeof(plain_operation)> place;
        const detail::io_request request{.code = io_code::receive, .address = buffer.data(), .size = buffer.size()};
        auto* const reading = ::new (place.data()) plain_operation(on, request);
        reading->start();
        co_await turns(2);
        EXPECT_TRUE(reading->under_way());
        std::destroy_at(reading);
        place.fill(0xa5);
        checked(static_cast<int>(send(ends[1], "late", 4, MSG_NOSIGNAL)), "send");
        co_await turns(3);
        EXPECT_EQ(std::count(place.begin(), place.end(), 0xa5), static_cast<std::ptrdiff_t>(place.size()));
        EXPECT_EQ(buffer, "as it was");
        EXPECT_EQ(recv(ends[0], buffer.data(), buffer.size(), MSG_DONTWAIT), 4);
        close(ends[1]);
    });
}

// In the turn in which it is done too: the task has not had its step.
TEST_P(operation, whose_task_is_cancelled_whenever_closes_what_it_was_given) {
    runs([]() -> task<> {
        const auto on = listener();
        for (int when = 0; when < 6; ++when) {
            auto accepting = create_task([](descriptor_endpoint& listens) -> task<> {
                plain_operation o(listens, {.code = io_code::accept});
                const int descriptor = co_await o;
                close(descriptor);
            }(*on));
            co_await turns(2);
            const auto before = open_descriptors();
            {
                const raw_connection in(where(*on));
                co_await turns(when);
                accepting.cancel();
                co_await ends_cancelled(accepting);
            }
            EXPECT_EQ(open_descriptors(), before) << "cancelled after " << when << " turns";
            // Who was not accepted then is accepted now, and out of the way.
            const int left = detail::perform({.code = io_code::poll, .flags = POLLIN}, on->descriptor());
            if (left > 0) close(detail::perform({.code = io_code::accept}, on->descriptor()));
        }
    });
}

}  // namespace
