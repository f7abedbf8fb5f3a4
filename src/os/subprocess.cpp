#include <fermata/base/errors.hpp>
#include <fermata/io/detail/backend.hpp>
#include <fermata/os/detail/pipe_end.hpp>
#include <fermata/os/detail/spawning.hpp>
#include <fermata/os/subprocess.hpp>
#include <fermata/task/gather.hpp>

#include <sys/wait.h>

#include <cerrno>
#include <csignal>

namespace fermata::inline v0 {

namespace {

// That the child does not want it is the child's affair. Closed in any case: a child that waits for more would never end, nor
// those who read what it writes.
task<> feed(std::shared_ptr<detail::child_pipes> pipes, std::string input) {
    if (!pipes->in) co_return;
    const struct closing {
        stream& in;
        ~closing() { in.close(); }
    } at_the_end{pipes->in};
    try {
        if (!input.empty()) co_await pipes->in.write(input);
    } catch (const std::system_error& e) {
        if (e.code().value() != EPIPE && e.code().value() != ECONNRESET) throw;
    }
}

task<std::string> read_all([[maybe_unused]] std::shared_ptr<detail::child_pipes> owner, stream& from) {
    std::string all;
    if (!from) co_return all;
    all = co_await from.read();
    from.close();
    co_return all;
}

}  // namespace

process_lookup_error::process_lookup_error()
    : std::system_error(ESRCH, std::generic_category(), "the process has ended") {}

void process::send_signal(int signal) const {
    if (returncode()) throw process_lookup_error();
    const int failure = child_->send_signal(signal);
    if (failure == 0 || failure == ESRCH) return;
    throw std::system_error(failure, std::generic_category(),
                            "send signal " + std::to_string(signal) + " to " + std::to_string(pid()));
}

void process::terminate() const { send_signal(SIGTERM); }
void process::kill() const { send_signal(SIGKILL); }

task<int> process::wait_for_end(std::shared_ptr<detail::child> child) {
    co_await child->ended().wait();
    co_return *child->returncode();
}

// All of it goes on until all has ended, whatever is raised: who raises may destroy what the others use.
task<process_output> process::communicate_with(std::shared_ptr<detail::child> child,
                                               std::shared_ptr<detail::child_pipes> pipes, std::string input) {
    auto all = gather(return_exceptions, feed(pipes, std::move(input)), read_all(pipes, pipes->out),
                      read_all(pipes, pipes->err));
    auto [fed, out, err] = co_await std::move(all);
    fed.value();
    process_output given;
    given.stdout_ = std::move(out).value();
    given.stderr_ = std::move(err).value();
    co_await child->ended().wait();
    co_return given;
}

task<> process::aexit(std::exception_ptr raised) {
    stdin_().close();
    if (raised && !returncode()) kill();
    co_await child_->ended().wait();
}

namespace detail {

spawn_request request_of(const subprocess_options& options) {
    spawn_request made;
    made.standard[0] = options.stdin_;
    made.standard[1] = options.stdout_;
    made.standard[2] = options.stderr_;
    made.cwd = options.cwd;
    if (options.env) made.env.emplace(options.env->begin(), options.env->end());
    made.new_session = options.new_session;
    made.process_group = options.process_group;
    made.restore_signals = options.restore_signals;
    made.close_fds = options.close_fds;
    return made;
}

namespace {

// Nobody will hear of it.
void end_unknown_child(int pid) noexcept {
    ::kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
}

std::shared_ptr<child> watch(backend& by, spawned& made) {
    const bool is_ours = made.pidfd.get() >= 0;
    std::shared_ptr<child> started;
    try {
        started = std::make_shared<child>(by, made.pid, std::move(made.pidfd));
        started->begin();
    } catch (...) {
        if (is_ours) end_unknown_child(made.pid);
        throw;
    }
    return started;
}

}  // namespace

task<process> spawn(spawn_request request) {
    if (request.command.empty()) throw value_error("no program to start");
    backend& by = backend::of(current_loop());
    auto pipes = std::make_shared<child_pipes>();
    spawned made = spawn_now(request);
    process started(watch(by, made), std::move(pipes));
    stream* const streams[] = {&started.stdin_(), &started.stdout_(), &started.stderr_()};
    const char* const names[] = {"stdin of ", "stdout of ", "stderr of "};
    try {
        for (std::size_t i = 0; i < 3; ++i) {
            if (made.ends[i].get() < 0) continue;
            *streams[i] = stream_of_pipe(by, std::move(made.ends[i]), names[i] + request.command.front());
        }
    } catch (...) {
        if (!started.returncode()) started.kill();
        throw;
    }
    co_return started;
}

}  // namespace detail

task<process> create_subprocess_exec(const subprocess_options& options, std::span<const std::string> command) {
    detail::spawn_request request = detail::request_of(options);
    for (const std::string& each : command) request.add(each);
    return detail::spawn(std::move(request));
}

task<process> create_subprocess_shell(const subprocess_options& options, std::string_view command) {
    return create_subprocess_exec(options, "/bin/sh", "-c", command);
}

task<process> create_subprocess_shell(std::string_view command) { return create_subprocess_shell({}, command); }

}  // namespace fermata::inline v0
