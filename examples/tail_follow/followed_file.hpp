#pragma once

// A file, which others write to, and replace.

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tail_follow {

/// Standard output, with a title wherever another file has its say, if there are several.
class output {
public:
    explicit output(bool has_titles) : has_titles_(has_titles) {}
    fermata::task<> write(const std::string& who, std::string what);

private:
    fermata::stream to_ = fermata::standard_output();
    bool has_titles_;
    std::string last_;
};

class followed_file {
public:
    followed_file(std::string path, output& to) : path_(std::move(path)), out_(to) {}

    fermata::task<> show_end(std::size_t lines);
    /// What has been written since.
    fermata::task<> show_news();

private:
    fermata::task<fermata::file> open();
    fermata::task<> show_rest();
    void say(std::string_view what) const;

    std::string path_;
    output& out_;
    fermata::file open_;  // false while there is none
    bool was_missing_ = false;
};

}  // namespace tail_follow
