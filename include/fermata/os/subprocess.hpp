#pragma once

/// \file
/// Python's `asyncio.subprocess`.

#include <fermata/base/errors.hpp>
#include <fermata/io/stream.hpp>
#include <fermata/os/detail/child.hpp>
#include <fermata/os/redirect.hpp>
#include <fermata/task/task.hpp>

#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace fermata::inline v0 {

/// Python's `ProcessLookupError`: the process has ended. Its code is ESRCH.
class process_lookup_error : public std::system_error {
public:
    process_lookup_error();
};

/// What `subprocess.Popen` takes by name. The strings are copied when the coroutine is made.
struct subprocess_options {
    redirect stdin_ = {};                                  // NOLINT(readability-identifier-naming): macros
    redirect stdout_ = {};                                 // NOLINT(readability-identifier-naming): macros
    redirect stderr_ = {};                                 // NOLINT(readability-identifier-naming): macros
    std::string_view cwd = {};                             // where it starts; empty: where this program is
    std::optional<std::span<const std::string>> env = {};  // "NAME=value", instead of this program's environment
    bool new_session = false;                              // `start_new_session`: setsid()
    std::optional<int> process_group = {};                 // setpgid(0, this)
    bool restore_signals = true;                           // SIGPIPE and SIGXFSZ end it, as they do by default
    bool close_fds = true;                                 // it gets no descriptor but its three standard ones
};

/// What communicate() gives: empty where there is no pipe.
struct process_output {
    std::string stdout_;  // NOLINT(readability-identifier-naming): macros
    std::string stderr_;  // NOLINT(readability-identifier-naming): macros
};

/// Python's `asyncio.subprocess.Process`. Dropped, the child goes on, its pipes closed here, and is reaped by the loop when it
/// ends. A child that is left when the loop closes is killed, as in CPython. Waiting uses no signal: SIGCHLD is the program's
/// own. Move-only; belongs to the loop and the thread that made it, and must not outlive the loop. One that was moved from raises
/// runtime_error "this process was moved from".
///
/// As a scope (`with`) it is waited for at the end, its stdin closed; and killed first where the body has raised.
class process {
public:
    int pid() const { return child()->pid(); }
    /// None while it runs, as far as the loop has heard; then what it has returned, or -N where signal N has ended it. 255
    /// where the program ignores SIGCHLD, and the kernel so tells nobody.
    std::optional<int> returncode() const { return child()->returncode(); }

    /// Its pipes. One that is no pipe() is false, and using it raises runtime_error. Those who wait for pipes must have
    /// ended before the process object goes.
    stream& stdin_() const { return pipes()->in; }
    stream& stdout_() const { return pipes()->out; }
    stream& stderr_() const { return pipes()->err; }

    /// Until it has ended: gives the return code. Cancelled, it changes nothing for the child. A child that writes more than a
    /// pipe holds (64 KiB) waits for somebody to read: communicate() does.
    [[nodiscard]] task<int> wait() const { return wait_for_end(child()); }

    /// Writes this to stdin and closes it, reads stdout and stderr to their ends, and waits. That the child does not read all of
    /// it is no error. Raises std::system_error "read from stdout of cat: …".
    [[nodiscard]] task<process_output> communicate(std::string input = {}) const {
        return communicate_with(child(), pipes(), std::move(input));
    }

    /// `process.send_signal(SIGINT)` and its like, through the pidfd: never to another process that has got the number. Raise
    /// process_lookup_error when returncode() is there; nothing where the child has ended, and the loop has not heard of it;
    /// std::system_error "send signal 15 to 4711: Operation not permitted".
    void send_signal(int signal) const;
    void terminate() const;
    void kill() const;

    void aenter() const noexcept {}
    task<> aexit(std::exception_ptr raised);

    process(std::shared_ptr<detail::child> child, std::shared_ptr<detail::child_pipes> pipes) noexcept
        : child_(std::move(child)), pipes_(std::move(pipes)) {}

private:
    const std::shared_ptr<detail::child>& child() const {
        if (!child_) throw runtime_error("this process was moved from");
        return child_;
    }
    const std::shared_ptr<detail::child_pipes>& pipes() const {
        child();
        return pipes_;
    }
    static task<int> wait_for_end(std::shared_ptr<detail::child> child);
    static task<process_output> communicate_with(std::shared_ptr<detail::child> child,
                                                 std::shared_ptr<detail::child_pipes> pipes, std::string input);

    std::shared_ptr<detail::child> child_;
    std::shared_ptr<detail::child_pipes> pipes_;
};

namespace detail {
task<process> spawn(spawn_request request);
spawn_request request_of(const subprocess_options& options);
}  // namespace detail

/// `await asyncio.create_subprocess_exec(program, *args, stdin=PIPE, …)`:
///
///     process sort = co_await create_subprocess_exec({.stdin_ = redirect::pipe(), .stdout_ = redirect::pipe()}, "sort", "-n");
///
/// A program without a slash is looked for in the PATH (that of `env`, if there is one). The child has this program's signal
/// mask; signals that are handled here have their default again.
///
/// Raises std::system_error "nowhere: No such file or directory" for the program, or for cwd; value_error "embedded null
/// byte", "illegal environment variable name".
template <std::convertible_to<std::string_view>... Arguments>
task<process> create_subprocess_exec(const subprocess_options& options, std::string_view program,
                                     const Arguments&... arguments) {
    detail::spawn_request request = detail::request_of(options);
    request.add(program);
    (request.add(std::string_view(arguments)), ...);
    return detail::spawn(std::move(request));
}
template <std::convertible_to<std::string_view>... Arguments>
task<process> create_subprocess_exec(std::string_view program, const Arguments&... arguments) {
    return create_subprocess_exec(subprocess_options(), program, arguments...);
}
/// The same, of a program and its arguments that are in a container.
task<process> create_subprocess_exec(const subprocess_options& options, std::span<const std::string> command);

/// `await asyncio.create_subprocess_shell(command)`: `/bin/sh -c command`. What comes from outside must be quoted.
task<process> create_subprocess_shell(const subprocess_options& options, std::string_view command);
task<process> create_subprocess_shell(std::string_view command);

}  // namespace fermata::inline v0
