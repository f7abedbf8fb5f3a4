// TLS when things go wrong below and around it: each allocation fails once, each operation meets each fault, each await raises
// and is cancelled. Nothing leaks, hangs or terminates, and the loop goes on.

#include "../testing/io_programs.hpp"
#include "../testing/on_backends.hpp"
#include "tls_streams.hpp"

#include <fermata/testing/cancel_at_every_await.hpp>
#include <fermata/testing/fail_every_allocation.hpp>
#include <fermata/testing/fail_every_operation.hpp>
#include <fermata/testing/failing_new.hpp>
#include <fermata/testing/gtest.hpp>
#include <fermata/testing/raise_at_every_await.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <new>
#include <system_error>
#include <utility>

namespace {

using namespace programs;

using tests::our_client;
using tests::our_server;
using tests::to_localhost;

const auto nothing = [] {};

// What one end cannot send any more is told to the other as an end that is none: the harness looks for the reason itself.
bool may_be_cut_off = false;

task<> stands_the_end(task<> talk) {
    try {
        co_await std::move(talk);
    } catch (const tls_eof_error&) {
        if (!may_be_cut_off) throw;
    }
}

task<> serve_one_with_tls(stream peer) {
    co_await start_tls(peer, our_server());
    co_await serve_one(std::move(peer));
}

task<> asks_once_with_tls(stream peer) {
    co_await start_tls(peer, our_client(), to_localhost);
    co_await ask(peer);
}

task<> tls_in_memory() {
    std::pair<stream, stream> ends = memory_streams(10'000);
    co_await with(task_group(), [&](task_group& group) -> task<> {
        group.create_task(stands_the_end(serve_one_with_tls(std::move(ends.first))));
        group.create_task(stands_the_end(asks_once_with_tls(std::move(ends.second))));
        co_return;
    });
}

task<> served_over_tls() {
    server s = co_await start_tls_server(serve_one, "127.0.0.1", 0, our_server());
    co_await with(s, [](server& running) -> task<> {
        const std::uint16_t port = running.addresses().front().port();
        stream peer = co_await open_tls_connection("127.0.0.1", port, our_client(), to_localhost);
        co_await stands_the_end(ask(peer));
        peer.close();
        running.close();
    });
}

/// What is made once for all, contexts and OpenSSL's own, is there from the first run on.
class tls_failures : public on_backend {
public:
    void SetUp() override {
        on_backend::SetUp();
        may_be_cut_off = false;
        if (!IsSkipped()) run(run_it()());
        may_be_cut_off = true;
    }
    static test_options options() { return {.time_limit = 10s, .real_time = true, .failures = gtest_failures}; }
};

TEST_P(tls_failures, of_memory_end_cleanly) {
    const std::size_t failed = fail_every_allocation(run_it(), nothing, {.test = options()});
    RecordProperty("injected", static_cast<int>(failed));
    EXPECT_GT(failed, 10U);
}

TEST_P(tls_failures, of_operations_are_stood) {
    const std::size_t faults = fail_every_operation(run_it(), nothing, {.test = options()});
    RecordProperty("injected", static_cast<int>(faults));
    EXPECT_EQ(faults > 0, run_it() == served_over_tls);
}

TEST_P(tls_failures, at_every_await_are_stood) {
    const std::size_t raised = raise_at_every_await(run_it(), nothing, {.test = options()});
    RecordProperty("injected", static_cast<int>(raised));
    EXPECT_GE(raised, 1U);
}

TEST_P(tls_failures, by_cancellation_leave_nothing_behind) {
    const std::size_t cancelled = cancel_at_every_await(run_it(), nothing, {.test = options()});
    RecordProperty("injected", static_cast<int>(cancelled));
    EXPECT_GE(cancelled, 4U);
}

constexpr program with_tls[] = {{"in_memory", tls_in_memory}, {"served", served_over_tls}};

INSTANTIATE_TEST_SUITE_P(on, tls_failures, on_both_backends(with_tls), backend_and_program);

// Nobody answers.
task<> upgrade(const tls_context& context) {
    std::pair<stream, stream> ends = memory_streams();
    std::exception_ptr raised;
    try {
        const tls_options options{.server_hostname = "localhost", .handshake_timeout = 10ms};
        co_await start_tls(ends.first, context, options);
    } catch (const std::bad_alloc&) {
        raised = std::current_exception();
    } catch (const tls_error&) {
    } catch (const std::system_error&) {
    }
    EXPECT_EQ(ends.first.descriptor(), -1);
    ends.first.close();
    if (raised) std::rethrow_exception(raised);
}

TEST(tls_without_memory, a_stream_that_cannot_be_upgraded_is_one_still) {
    const tls_context context = tests::make_client();
    const allocation_options options{.test = {.failures = gtest_failures}};
    const std::size_t failed = fail_every_allocation([&] { return upgrade(context); }, [] {}, options);
    EXPECT_GT(failed, 0U);
}

}  // namespace
