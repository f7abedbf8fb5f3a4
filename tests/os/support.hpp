#pragma once

#include "../io/backends.hpp"
#include "../io/descriptors.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace tests {

using namespace fermata;

/// There is no child left, dead or alive.
inline bool has_no_child() { return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; }

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

}  // namespace tests
