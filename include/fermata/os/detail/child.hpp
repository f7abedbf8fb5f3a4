#pragma once

// A child process, from its birth until it is reaped.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/detail/operation.hpp>
#include <fermata/io/stream.hpp>
#include <fermata/loop/callback.hpp>
#include <fermata/os/redirect.hpp>
#include <fermata/sync/event.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fermata::inline v0::detail {

/// What is to be started, with all that it needs.
struct spawn_request {
    void add(std::string_view argument) { command.emplace_back(argument); }

    std::vector<std::string> command;
    redirect standard[3];
    std::string cwd;
    std::optional<std::vector<std::string>> env;
    bool new_session = false;
    std::optional<int> process_group;
    bool restore_signals = true;
    bool close_fds = true;
};

/// The ends of the pipes that this program has.
struct child_pipes {
    stream in;
    stream out;
    stream err;
};

class running_children;

/// Shared by the loop, while it runs, and those who ask for it. A poll on its pidfd is always under way until it has ended:
/// so it is reaped though nobody waits.
class child final : public callback, public std::enable_shared_from_this<child> {
public:
    /// begin() then waits for the end. Without a pidfd it has come.
    child(backend& by, int pid, unique_descriptor pidfd);
    void begin();

    int pid() const noexcept { return pid_; }
    std::optional<int> returncode() const noexcept { return returncode_; }
    event& ended() noexcept { return ended_; }
    /// 0, or an errno.
    int send_signal(int signal) noexcept;

    void run() override;
    std::string describe() const override { return "<child " + std::to_string(pid_) + ">"; }

private:
    friend running_children;

    class poll_operation final : public operation {
    public:
        using operation::operation;
    };
    struct place : list_node {
        child* of = nullptr;
    };

    bool reap(int flags) noexcept;
    /// The loop closes.
    void end() noexcept;

    int pid_;
    descriptor_endpoint pidfd_;
    poll_operation exit_;
    event ended_;
    std::optional<int> returncode_;
    place place_;
    std::shared_ptr<child> self_;
};

/// Those of a loop.
class running_children final : public loop_extension {
public:
    static running_children& of(event_loop& loop);
    void add(child& c) noexcept { list_.push_back(c.place_); }
    void close() noexcept override;

private:
    intrusive_list<child::place> list_;
};

}  // namespace fermata::inline v0::detail
