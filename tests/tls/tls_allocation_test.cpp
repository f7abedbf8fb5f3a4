// Out of memory in the middle of an upgrade to TLS.

#include "tls_streams.hpp"

#include <fermata/testing/fail_every_allocation.hpp>
#include <fermata/testing/failing_new.hpp>
#include <fermata/testing/gtest.hpp>
#include <fermata/testing/memory_streams.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <system_error>
#include <utility>

namespace {

using namespace fermata;
using namespace std::chrono_literals;

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

TEST(tls_out_of_memory, a_stream_that_cannot_be_upgraded_is_one_still) {
    const tls_context context = tests::make_client();
    const allocation_options options{.test = {.failures = gtest_failures}};
    const std::size_t failed = fail_every_allocation([&] { return upgrade(context); }, [] {}, options);
    EXPECT_GT(failed, 0U);
}

}  // namespace
