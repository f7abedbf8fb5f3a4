#pragma once

// A test that is run on each backend.

#include <fermata/io/backend.hpp>
#include <fermata/task/run.hpp>
#include <fermata/testing/run_test.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <system_error>

namespace tests {

/// Why this one, or the one that is chosen by itself (""), cannot be had here; empty where it can.
inline std::string why_not(const char* backend) {
    setenv("FERMATA_BACKEND", backend, 1);
    try {
        fermata::run_test([]() -> fermata::task<> {
            fermata::backend_name();
            co_return;
        }());
    } catch (const std::system_error& e) {
        return e.what();
    }
    return "";
}

/// io_uring is skipped where the kernel refuses it, and says so.
class on_each_backend : public ::testing::TestWithParam<const char*> {
public:
    void SetUp() override {
        if (const std::string reason = why_not(GetParam()); !reason.empty()) GTEST_SKIP() << reason;
    }
    void TearDown() override { unsetenv("FERMATA_BACKEND"); }

    template <class Program>
    void runs(Program program) {
        fermata::run_test(program());
    }
    template <class Program>
    void runs_in_real_time(Program program) {
        fermata::run(program());
    }
};

inline std::string name_of_backend(const ::testing::TestParamInfo<const char*>& info) { return info.param; }

}  // namespace tests

// NOLINTBEGIN(bugprone-macro-parentheses): a name
#define FERMATA_ON_BOTH_BACKENDS(suite)                                                                                \
    using suite = ::tests::on_each_backend;                                                                            \
    INSTANTIATE_TEST_SUITE_P(on, suite, ::testing::Values("io_uring", "epoll"), ::tests::name_of_backend)
// NOLINTEND(bugprone-macro-parentheses)
