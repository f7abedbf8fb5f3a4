#pragma once

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace fermata::tests {

inline task<std::string> name_of_backend() { co_return std::string(backend_name()); }

/// A test that is run on each backend: io_uring is skipped where the kernel refuses it, and says so.
class on_each_backend : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        setenv("FERMATA_BACKEND", GetParam(), 1);
        try {
            ASSERT_EQ(run(name_of_backend()), GetParam());
        } catch (const std::system_error& e) {
            GTEST_SKIP() << "the kernel refuses it: " << e.what();
        }
    }
    void TearDown() override { unsetenv("FERMATA_BACKEND"); }
};

inline std::string name_of_parameter(const testing::TestParamInfo<const char*>& info) { return info.param; }

/// How many descriptors this program has.
inline auto open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

inline std::string what_of(const std::exception_ptr& raised) {
    if (!raised) return "nothing was raised";
    try {
        std::rethrow_exception(raised);
    } catch (const std::exception& e) {
        return e.what();
    } catch (const cancelled_error& e) {
        return e.what();
    } catch (...) {
        return "something else was raised";
    }
}

/// What the coroutine raises.
template <class T>
task<std::string> text_of_error(task<T> from) {
    std::exception_ptr raised;
    try {
        co_await std::move(from);
    } catch (...) {
        raised = std::current_exception();
    }
    co_return what_of(raised);
}

/// A directory that goes with the test.
class scratch_directory {
public:
    scratch_directory() {
        std::string made = (std::filesystem::temp_directory_path() / "fermata-XXXXXX").string();
        path_ = mkdtemp(made.data());
    }
    ~scratch_directory() { std::filesystem::remove_all(path_); }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;

    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

inline std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write_to(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

}  // namespace fermata::tests

// One of these a file: the suite's name is the file's stem.
// NOLINTBEGIN(bugprone-macro-parentheses): it is a class
#define FERMATA_TEST_ON_EACH_BACKEND(suite)                                                                            \
    class suite : public fermata::tests::on_each_backend {};                                                           \
    INSTANTIATE_TEST_SUITE_P(, suite, testing::Values("io_uring", "epoll"), fermata::tests::name_of_parameter)
// NOLINTEND(bugprone-macro-parentheses)
