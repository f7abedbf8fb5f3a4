#pragma once

// Where a body goes.

#include <fermata/io.hpp>
#include <fermata/task/task.hpp>

#include <string>

namespace fetch {

/// A file that has its name when it is whole, and is gone otherwise; standard output; or nowhere.
class body_file {
public:
    /// Nowhere for "", standard output for "-".
    explicit body_file(std::string path);
    /// What it is called until it is whole.
    static std::string partial_name(const std::string& path) { return path + ".part"; }
    body_file(const body_file&) = delete;
    body_file& operator=(const body_file&) = delete;
    ~body_file();

    /// Raise std::system_error "open /the/path.part: …".
    fermata::task<> write(std::string bytes);
    /// It is whole, if it is empty, too.
    fermata::task<> finish();

private:
    fermata::task<> open();

    std::string path_;
    std::string partial_;
    fermata::file file_;
    fermata::stream standard_output_;
};

}  // namespace fetch
