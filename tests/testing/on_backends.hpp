#pragma once

// A test that is run with each of some programs, on each backend.

#include "../io/backends.hpp"
#include "programs.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <tuple>

namespace programs {

/// io_uring is skipped where the kernel refuses it, and says so.
class on_backend : public testing::TestWithParam<std::tuple<const char*, program>> {
public:
    void SetUp() override {
        if (const std::string reason = tests::why_not(backend()); !reason.empty()) GTEST_SKIP() << reason;
    }
    void TearDown() override { unsetenv("FERMATA_BACKEND"); }

    static const char* backend() { return std::get<0>(GetParam()); }
    static auto run_it() { return std::get<1>(GetParam()).run; }
};

template <class Programs>
auto on_both_backends(const Programs& all) {
    return testing::Combine(testing::Values("io_uring", "epoll"), testing::ValuesIn(all));
}

inline std::string backend_and_program(const testing::TestParamInfo<on_backend::ParamType>& info) {
    return std::string(std::get<0>(info.param)) + "_" + std::get<1>(info.param).name;
}

}  // namespace programs
