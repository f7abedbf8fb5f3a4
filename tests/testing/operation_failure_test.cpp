// I/O that fails: in programs that use all of it, each operation meets each fault once. Nothing leaks, hangs or terminates, and the
// loop goes on.

#include "../io/backends.hpp"
#include "io_programs.hpp"

#include <fermata/testing/fail_every_operation.hpp>
#include <fermata/testing/failing_new.hpp>
#include <fermata/testing/gtest.hpp>

#include <gtest/gtest.h>

#include <tuple>

namespace {

using namespace programs;

class failing_io : public testing::TestWithParam<std::tuple<const char*, program>> {
public:
    void SetUp() override {
        if (const std::string reason = tests::why_not(std::get<0>(GetParam())); !reason.empty()) GTEST_SKIP() << reason;
    }
    void TearDown() override { unsetenv("FERMATA_BACKEND"); }
};

TEST_P(failing_io, is_stood_by_a_program) {
    const operation_options options{.test = {.time_limit = 10s, .real_time = true, .failures = gtest_failures}};
    const std::size_t faults = fail_every_operation(std::get<1>(GetParam()).run, [] {}, options);
    RecordProperty("injected", static_cast<int>(faults));
    const bool on_threads =
        std::get<1>(GetParam()).run == files && std::string_view(std::get<0>(GetParam())) == "epoll";
    EXPECT_GE(faults, on_threads ? 0U : 8U);
}

INSTANTIATE_TEST_SUITE_P(io, failing_io,
                         testing::Combine(testing::Values("io_uring", "epoll"), testing::ValuesIn(with_io)),
                         [](const auto& each) {
                             return std::string(std::get<0>(each.param)) + "_" + std::get<1>(each.param).name;
                         });

}  // namespace
