#pragma once

// What a file is made of.

#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/detail/unique_descriptor.hpp>
#include <fermata/os/file_status.hpp>

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace fermata::inline v0::detail {

class backend;

/// A descriptor of a file, or that of one to be opened. Shared with the threads that work on it: its number must not become
/// another file's meanwhile.
class file_endpoint final : public endpoint {
public:
    explicit file_endpoint(backend& by) noexcept;

    bool is_orphan() const noexcept override { return life_.expired(); }
    int descriptor() const noexcept override { return descriptor_.get(); }
    void hold(int descriptor) noexcept { descriptor_ = unique_descriptor(descriptor); }
    int release() noexcept { return descriptor_.release(); }
    bool kernel_does_it() const noexcept { return kernel_does_it_; }
    void shut_down_writing() override {}
    void close() noexcept override { descriptor_ = unique_descriptor(); }

private:
    std::weak_ptr<const void> life_;  // of its loop's backend
    unique_descriptor descriptor_;
    bool kernel_does_it_;
};

struct file_state {
    std::shared_ptr<file_endpoint> on;  // null when it is closed
    std::string path;
    bool readable = false;
    bool writable = false;
    bool appends = false;
    bool has_position = false;  // a pipe or a terminal has none
    bool in_use = false;        // the position
    std::uint64_t position = 0;
    file_status when_opened;
};

file_status status_of(const struct statx& found) noexcept;

// Raise what `file` says. Null: of a file that was moved from.
void check_open(const file_state* of);
void check_readable(const file_state* of);
void check_writable(const file_state* of);
void check_position(const file_state* of);

/// Whoever uses the position does so alone.
class position_user {
public:
    explicit position_user(file_state& of);
    ~position_user() { of_.in_use = false; }
    position_user(const position_user&) = delete;
    position_user& operator=(const position_user&) = delete;

private:
    file_state& of_;
};

}  // namespace fermata::inline v0::detail
