// What CPython 3.13's asyncio.subprocess does was recorded by running it.

#include "support.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

bool next_child_is_reaped_at_once = false;

}  // namespace

// Instead of the C library's: a child may have ended, and gone, before the library looks at it.
extern "C" int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                           const posix_spawnattr_t* attrp, char* const argv[], char* const envp[]) {
    using function = decltype(&::posix_spawn);
    static const auto real = reinterpret_cast<function>(dlsym(RTLD_NEXT, "posix_spawn"));
    const int result = real(pid, path, actions, attrp, argv, envp);
    if (result == 0 && std::exchange(next_child_is_reaped_at_once, false)) waitpid(*pid, nullptr, 0);
    return result;
}

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::has_no_child;
using tests::open_descriptors;
using tests::text_of_error;

FERMATA_ON_BOTH_BACKENDS(subprocess);

constexpr subprocess_options all_pipes{
    .stdin_ = redirect::pipe(), .stdout_ = redirect::pipe(), .stderr_ = redirect::pipe()};
constexpr subprocess_options piped_output{.stdout_ = redirect::pipe()};

task<std::string> output_of(std::string command) {
    process child = co_await create_subprocess_shell(piped_output, command);
    process_output all = co_await child.communicate();
    co_return std::move(all.stdout_);
}

TEST_P(subprocess, gives_what_the_program_has_written_and_returned) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec(all_pipes, "sh", "-c", "cat; echo wrong >&2; exit 3");
        EXPECT_FALSE(child.returncode().has_value());
        EXPECT_GT(child.pid(), 0);
        const process_output all = co_await child.communicate("some input");
        EXPECT_EQ(all.stdout_, "some input");
        EXPECT_EQ(all.stderr_, "wrong\n");
        EXPECT_EQ(child.returncode(), 3);
        const int again = co_await child.wait();
        EXPECT_EQ(again, 3);
    };
    const auto before = open_descriptors();
    run(main());
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_TRUE(has_no_child());
}

TEST_P(subprocess, passes_the_arguments_as_they_are) {
    const auto main = []() -> task<std::string> {
        process child = co_await create_subprocess_exec(piped_output, "printf", "[%s]", "a b", "", "$HOME \"'");
        process_output all = co_await child.communicate();
        co_return std::move(all.stdout_);
    };
    EXPECT_EQ(run(main()), "[a b][][$HOME \"']");
}

TEST_P(subprocess, takes_a_command_from_a_container) {
    const auto main = []() -> task<std::string> {
        const std::vector<std::string> command = {"echo", "from", "a vector"};
        process child = co_await create_subprocess_exec(piped_output, command);
        process_output all = co_await child.communicate();
        co_return std::move(all.stdout_);
    };
    EXPECT_EQ(run(main()), "from a vector\n");
}

TEST_P(subprocess, communicate_moves_more_than_pipes_hold_both_ways) {
    const auto main = [](std::string input) -> task<std::string> {
        process child = co_await create_subprocess_exec(all_pipes, "cat");
        process_output all = co_await child.communicate(std::move(input));
        co_return std::move(all.stdout_);
    };
    std::string input;
    for (int i = 0; input.size() < 3'000'000; ++i) input += std::to_string(i) + "\n";
    EXPECT_TRUE(run(main(input)) == input);
}

TEST_P(subprocess, communicate_does_not_mind_that_the_program_reads_nothing) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec(all_pipes, "true");
        const process_output all = co_await child.communicate(std::string(300'000, 'x'));
        EXPECT_EQ(all.stdout_, "");
        EXPECT_EQ(child.returncode(), 0);
    };
    run(main());
}

TEST_P(subprocess, streams_talk_to_the_program_while_it_runs) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec(all_pipes, "cat");
        for (const char* each : {"one\n", "two\n"}) {
            co_await child.stdin_().write(each);
            const std::string answer = co_await child.stdout_().readline();
            EXPECT_EQ(answer, each);
        }
        child.stdin_().write_eof();
        const std::string rest = co_await child.stdout_().read();
        EXPECT_EQ(rest, "");
        const std::string error =
            co_await text_of_error([](process& of) -> task<> { co_await of.stdin_().write("x"); }(child));
        EXPECT_EQ(error, "Cannot call write() after write_eof()");
        const int code = co_await child.wait();
        EXPECT_EQ(code, 0);
    };
    run(main());
}

TEST_P(subprocess, writing_to_a_program_that_has_gone_is_an_error_with_its_name) {
    const auto main = []() -> task<std::string> {
        process child = co_await create_subprocess_exec({.stdin_ = redirect::pipe()}, "true");
        co_await child.wait();
        const auto write = [](process& to) -> task<> { co_await to.stdin_().write("x"); };
        co_return co_await text_of_error(write(child));
    };
    EXPECT_EQ(run(main()), "write to stdin of true: Broken pipe");
}

TEST_P(subprocess, using_a_stream_that_is_no_pipe_raises) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec("true");
        EXPECT_FALSE(child.stdin_());
        EXPECT_FALSE(child.stdout_());
        EXPECT_FALSE(child.stderr_());
        EXPECT_THROW(static_cast<void>(child.stdout_().read(std::span<char>())), runtime_error);
        co_await child.wait();
    };
    run(main());
}

TEST_P(subprocess, stderr_can_go_where_stdout_goes) {
    const auto main = []() -> task<std::string> {
        process child = co_await create_subprocess_shell(
            {.stdout_ = redirect::pipe(), .stderr_ = redirect::to_stdout()}, "echo out; echo err >&2");
        EXPECT_FALSE(child.stderr_());
        process_output all = co_await child.communicate();
        co_return std::move(all.stdout_);
    };
    EXPECT_EQ(run(main()), "out\nerr\n");
}

TEST_P(subprocess, devnull_gives_nothing_and_takes_everything) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_shell(
            {.stdin_ = redirect::devnull(), .stdout_ = redirect::pipe(), .stderr_ = redirect::devnull()},
            "cat; echo lost >&2");
        const process_output all = co_await child.communicate();
        EXPECT_EQ(all.stdout_, "");
        EXPECT_EQ(all.stderr_, "");
    };
    run(main());
}

TEST_P(subprocess, a_descriptor_of_this_program_is_given_to_the_child_and_stays_open) {
    tests::scratch_directory scratch;
    const std::string path = scratch / "log";
    const int log = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const auto main = [](int to) -> task<> {
        process child = co_await create_subprocess_shell({.stdout_ = redirect::to(to), .stderr_ = redirect::to(to)},
                                                         "echo out; echo err >&2");
        co_await child.wait();
    };
    run(main(log));
    EXPECT_EQ(tests::content_of(path), "out\nerr\n");
    EXPECT_EQ(close(log), 0);
}

TEST_P(subprocess, standard_streams_can_be_exchanged) {
    // 1 and 2 lead to different files; in the child each to the other's.
    tests::scratch_directory scratch;
    const int saved[] = {fcntl(1, F_DUPFD_CLOEXEC, 3), fcntl(2, F_DUPFD_CLOEXEC, 3)};
    dup2(open((scratch / "one").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600), 1);
    dup2(open((scratch / "two").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600), 2);
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_shell({.stdout_ = redirect::to(2), .stderr_ = redirect::to(1)},
                                                         "echo out; echo err >&2");
        co_await child.wait();
    };
    run(main());
    dup2(saved[0], 1);
    dup2(saved[1], 2);
    close(saved[0]);
    close(saved[1]);
    EXPECT_EQ(tests::content_of(scratch / "one"), "err\n");
    EXPECT_EQ(tests::content_of(scratch / "two"), "out\n");
}

TEST_P(subprocess, works_where_this_program_has_no_standard_streams) {
    const int saved[] = {fcntl(0, F_DUPFD_CLOEXEC, 10), fcntl(1, F_DUPFD_CLOEXEC, 10), fcntl(2, F_DUPFD_CLOEXEC, 10)};
    for (const int each : {0, 1, 2}) close(each);
    const auto main = []() -> task<process_output> {
        process child = co_await create_subprocess_shell(all_pipes, "cat; echo err >&2");
        co_return co_await child.communicate("in");
    };
    const process_output all = run(main());
    for (const int each : {0, 1, 2}) {
        dup2(saved[each], each);
        close(saved[each]);
    }
    EXPECT_EQ(all.stdout_, "in");
    EXPECT_EQ(all.stderr_, "err\n");
}

// What it begins with

TEST_P(subprocess, the_child_gets_no_descriptor_but_the_three) {
    const int ours = open("/dev/null", O_RDONLY);  // not close-on-exec, on purpose
    const auto main = []() -> task<std::string> {
        process first = co_await create_subprocess_exec(all_pipes, "cat");
        std::string listed = co_await output_of("ls /proc/self/fd | tr '\\n' ' '");
        first.stdin_().close();
        co_await first.wait();
        co_return listed;
    };
    const std::string listed = run(main());
    close(ours);
    EXPECT_EQ(listed, "0 1 2 3 ");  // 3 is the directory that ls reads
}

TEST_P(subprocess, descriptors_that_are_not_close_on_exec_are_inherited_on_request) {
    const int ours = fcntl(0, F_DUPFD, 50);
    const auto main = []() -> task<std::string> {
        process child = co_await create_subprocess_shell({.stdout_ = redirect::pipe(), .close_fds = false},
                                                         "ls /proc/self/fd | tr '\\n' ' '");
        process_output all = co_await child.communicate();
        co_return std::move(all.stdout_);
    };
    const std::string listed = run(main());
    close(ours);
    EXPECT_NE(listed.find(" " + std::to_string(ours) + " "), std::string::npos) << listed;
}

std::set<int> inheritable_descriptors() {
    std::set<int> found;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        const int descriptor = std::stoi(each.path().filename());
        if (fcntl(descriptor, F_GETFD) == 0) found.insert(descriptor);
    }
    return found;
}

TEST_P(subprocess, none_of_the_librarys_descriptors_is_inherited_even_so) {
    const std::set<int> before = inheritable_descriptors();
    std::set<int> then;
    const auto main = [&]() -> task<> {
        event accepted;
        const auto look = [&]([[maybe_unused]] stream peer) -> task<> {
            then = inheritable_descriptors();
            accepted.set();
            co_return;
        };
        const server listens = co_await start_server(look, "127.0.0.1", 0);
        const datagram_socket datagrams({.local = address::of("127.0.0.1", 0)});
        process child = co_await create_subprocess_exec(all_pipes, "cat");
        const stream connected = co_await open_connection(listens.addresses().front());
        co_await accepted.wait();
        child.stdin_().close();
        co_await child.wait();
    };
    run(main());
    EXPECT_EQ(then, before);
}

TEST_P(subprocess, begins_in_the_directory_it_is_told) {
    const auto main = []() -> task<std::string> {
        process child = co_await create_subprocess_exec({.stdout_ = redirect::pipe(), .cwd = "/usr/lib"}, "pwd");
        process_output all = co_await child.communicate();
        co_return std::move(all.stdout_);
    };
    EXPECT_EQ(run(main()), "/usr/lib\n");
}

TEST_P(subprocess, a_relative_program_is_one_of_its_own_directory) {
    const auto main = []() -> task<std::string> {
        process child = co_await create_subprocess_exec({.stdout_ = redirect::pipe(), .cwd = "/bin"}, "./echo", "here");
        process_output all = co_await child.communicate();
        co_return std::move(all.stdout_);
    };
    EXPECT_EQ(run(main()), "here\n");
}

TEST_P(subprocess, gets_the_environment_it_is_given_and_no_other) {
    setenv("FERMATA_OF_THE_PARENT", "1", 1);
    const auto main = []() -> task<> {
        const std::vector<std::string> env = {"A=1", "B=two words", "PATH=/usr/bin:/bin"};
        process child = co_await create_subprocess_exec({.stdout_ = redirect::pipe(), .env = env}, "env");
        const process_output all = co_await child.communicate();
        EXPECT_EQ(all.stdout_, "A=1\nB=two words\nPATH=/usr/bin:/bin\n");
        const std::string inherited = co_await output_of("echo $FERMATA_OF_THE_PARENT");
        EXPECT_EQ(inherited, "1\n");
    };
    run(main());
    unsetenv("FERMATA_OF_THE_PARENT");
}

TEST_P(subprocess, looks_for_the_program_in_the_path_that_it_is_given) {
    tests::scratch_directory scratch;
    tests::write_to(scratch / "only-here", "#!/bin/sh\necho found\n");
    std::filesystem::permissions(scratch / "only-here", std::filesystem::perms::owner_all);
    const auto main = [](std::string path) -> task<std::string> {
        const std::vector<std::string> env = {"PATH=/nowhere:" + path};
        process child = co_await create_subprocess_exec({.stdout_ = redirect::pipe(), .env = env}, "only-here");
        process_output all = co_await child.communicate();
        co_return std::move(all.stdout_);
    };
    EXPECT_EQ(run(main(scratch.path())), "found\n");
}

TEST_P(subprocess, looks_where_the_system_s_programs_are_if_it_is_given_no_path) {
    const auto main = []() -> task<std::string> {
        const std::vector<std::string> env = {"A=1"};
        process child = co_await create_subprocess_exec({.stdout_ = redirect::pipe(), .env = env}, "echo", "found");
        process_output all = co_await child.communicate();
        co_return std::move(all.stdout_);
    };
    EXPECT_EQ(run(main()), "found\n");
}

TEST_P(subprocess, leads_a_session_of_its_own_on_request) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec({.new_session = true}, "sleep", "100");
        EXPECT_EQ(getsid(child.pid()), child.pid());
        child.kill();
        co_await child.wait();
        process other = co_await create_subprocess_exec({.process_group = 0}, "sleep", "100");
        EXPECT_EQ(getpgid(other.pid()), other.pid());
        EXPECT_EQ(getsid(other.pid()), getsid(0));
        other.kill();
        co_await other.wait();
    };
    run(main());
}

TEST_P(subprocess, the_child_can_die_of_a_broken_pipe_although_this_program_ignores_them) {
    const auto main = []() -> task<std::string> { co_return co_await output_of("grep SigIgn /proc/self/status"); };
    const std::string ignored = run(main());
    // Bit 12 is SIGPIPE, 24 SIGXFSZ.
    EXPECT_EQ(std::stoull(ignored.substr(8), nullptr, 16) & 0x1001000ULL, 0U) << ignored;
    struct sigaction here{};
    sigaction(SIGPIPE, nullptr, &here);
    EXPECT_EQ(here.sa_handler, SIG_IGN);
}

// What cannot be started

TEST_P(subprocess, a_missing_program_raises_in_the_caller) {
    const auto main = []() -> task<> {
        const std::string path = co_await text_of_error(create_subprocess_exec("/nowhere/program"));
        EXPECT_EQ(path, "/nowhere/program: No such file or directory");
        const std::string name = co_await text_of_error(create_subprocess_exec(all_pipes, "no-such-program"));
        EXPECT_EQ(name, "no-such-program: No such file or directory");
        const std::string directory = co_await text_of_error(create_subprocess_exec("/etc"));
        EXPECT_EQ(directory, "/etc: Permission denied");
        const std::string cwd = co_await text_of_error(create_subprocess_exec({.cwd = "/nowhere"}, "true"));
        EXPECT_EQ(cwd, "/nowhere: No such file or directory");
        const std::string descriptor =
            co_await text_of_error(create_subprocess_exec({.stdin_ = redirect::to(999)}, "true"));
        EXPECT_EQ(descriptor, "descriptor 999: Bad file descriptor");
    };
    const auto before = open_descriptors();
    run(main());
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_TRUE(has_no_child());
}

TEST_P(subprocess, what_no_program_can_be_given_raises_value_error) {
    const auto main = []() -> task<> {
        const std::string null = co_await text_of_error(create_subprocess_exec("echo", std::string("a\0b", 3)));
        EXPECT_EQ(null, "embedded null byte");
        const std::vector<std::string> env = {"=x"};
        const std::string name = co_await text_of_error(create_subprocess_exec({.env = env}, "true"));
        EXPECT_EQ(name, "illegal environment variable name");
    };
    run(main());
}

// How it ends

TEST_P(subprocess, a_signal_gives_a_negative_return_code) {
    const auto main = []() -> task<> {
        process terminated = co_await create_subprocess_exec("sleep", "100");
        terminated.terminate();
        int code = co_await terminated.wait();
        EXPECT_EQ(code, -SIGTERM);
        process killed = co_await create_subprocess_exec("sleep", "100");
        killed.kill();
        code = co_await killed.wait();
        EXPECT_EQ(code, -SIGKILL);
        process sent =
            co_await create_subprocess_shell(piped_output, "trap 'exit 7' USR1; echo ready; while :; do :; done");
        co_await sent.stdout_().readline();
        sent.send_signal(SIGUSR1);
        code = co_await sent.wait();
        EXPECT_EQ(code, 7);
    };
    run(main());
}

TEST_P(subprocess, signals_after_the_end_raise_process_lookup_error) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec("true");
        co_await child.wait();
        EXPECT_THROW(child.terminate(), process_lookup_error);
        EXPECT_THROW(child.kill(), process_lookup_error);
        EXPECT_THROW(child.send_signal(0), process_lookup_error);
    };
    run(main());
}

TEST_P(subprocess, signals_to_a_child_that_has_ended_unheard_do_nothing) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec("true");
        siginfo_t ended{};
        waitid(P_PID, static_cast<id_t>(child.pid()), &ended, WEXITED | WNOWAIT);  // blocks the loop, on purpose
        EXPECT_FALSE(child.returncode().has_value());
        child.terminate();
        const int code = co_await child.wait();
        EXPECT_EQ(code, 0);
    };
    run(main());
}

TEST_P(subprocess, several_may_wait_and_one_be_cancelled) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec({.stdin_ = redirect::pipe()}, "cat");
        task_handle<int> first = create_task(child.wait());
        task_handle<int> second = create_task(child.wait());
        co_await sleep(0s);
        first.cancel();
        const std::string error = co_await text_of_error(wait_for(child.wait(), 1ms));
        EXPECT_EQ(error, "");
        EXPECT_FALSE(child.returncode().has_value());
        child.stdin_().close();
        const int code = co_await second;
        EXPECT_EQ(code, 0);
        EXPECT_TRUE(first.cancelled());
    };
    run(main());
    EXPECT_TRUE(has_no_child());
}

TEST_P(subprocess, a_child_whose_process_was_dropped_is_reaped) {
    const auto main = []() -> task<> {
        int pid = 0;
        {
            process dropped = co_await create_subprocess_exec({.stdin_ = redirect::pipe()}, "cat");
            pid = dropped.pid();
        }
        // It reads the end, and ends; and then it is nobody any more.
        while (kill(pid, 0) == 0) co_await sleep(1ms);
    };
    const auto before = open_descriptors();
    run(main());
    EXPECT_TRUE(has_no_child());
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(subprocess, a_child_that_is_left_when_the_loop_closes_is_killed_and_reaped) {
    const auto main = []() -> task<int> {
        process left = co_await create_subprocess_exec("sleep", "1000");
        co_return left.pid();
    };
    const auto before = open_descriptors();
    const int pid = run(main());
    EXPECT_EQ(kill(pid, 0), -1);
    EXPECT_TRUE(has_no_child());
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(subprocess, a_cancelled_communicate_leaves_a_child_that_can_be_killed) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec(all_pipes, "sleep", "1000");
        const std::string error = co_await text_of_error(wait_for(child.communicate(std::string(200'000, 'x')), 1ms));
        EXPECT_EQ(error, "");
        child.kill();
        const int code = co_await child.wait();
        EXPECT_EQ(code, -SIGKILL);
    };
    run(main());
    EXPECT_TRUE(has_no_child());
}

TEST_P(subprocess, a_program_that_ignores_sigchld_gets_255) {
    const auto before = std::signal(SIGCHLD, SIG_IGN);
    const auto main = []() -> task<int> {
        process child = co_await create_subprocess_shell({.stdin_ = redirect::pipe()}, "read x; exit 3");
        child.stdin_().close();
        co_return co_await child.wait();
    };
    EXPECT_EQ(run(main()), 255);
    std::signal(SIGCHLD, before);
}

TEST_P(subprocess, a_child_that_somebody_else_has_reaped_at_once_gets_255) {
    const auto main = []() -> task<int> {
        next_child_is_reaped_at_once = true;
        process child = co_await create_subprocess_exec(piped_output, "echo", "words");
        EXPECT_EQ(child.returncode(), 255);
        EXPECT_THROW(child.kill(), process_lookup_error);
        const process_output all = co_await child.communicate();
        EXPECT_EQ(all.stdout_, "words\n");
        co_return co_await child.wait();
    };
    const auto before = open_descriptors();
    EXPECT_EQ(run(main()), 255);
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(subprocess, a_scope_waits_for_it) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec(all_pipes, "cat");
        co_await with(child, [](process& cat) -> task<> { co_await cat.stdin_().write("x"); });
        EXPECT_EQ(child.returncode(), 0);
        process other = co_await create_subprocess_exec("sleep", "1000");
        const auto failing = [](process&) -> task<> {
            throw value_error("enough");
            co_return;
        };
        const std::string error = co_await text_of_error(with(other, failing));
        EXPECT_EQ(error, "enough");
        EXPECT_EQ(other.returncode(), -SIGKILL);
    };
    run(main());
}

TEST_P(subprocess, one_that_was_moved_from_raises) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec("true");
        process moved = std::move(child);
        co_await moved.wait();
        // NOLINTBEGIN(bugprone-use-after-move)
        EXPECT_THROW(child.pid(), runtime_error);
        EXPECT_THROW(child.returncode(), runtime_error);
        EXPECT_THROW(child.stdout_(), runtime_error);
        EXPECT_THROW(child.kill(), runtime_error);
        EXPECT_THROW(static_cast<void>(child.wait()), runtime_error);
        EXPECT_THROW(static_cast<void>(child.communicate()), runtime_error);
        const std::string error = co_await text_of_error(child.aexit(nullptr));
        // NOLINTEND(bugprone-use-after-move)
        EXPECT_EQ(error, "this process was moved from");
    };
    run(main());
}

TEST_P(subprocess, virtual_time_stands_still_while_a_child_runs) {
    const auto main = []() -> task<> {
        process child = co_await create_subprocess_exec({.stdin_ = redirect::pipe()}, "cat");
        task_handle<int> ended = create_task(child.wait());
        child.stdin_().close();
        co_await wait_for(ended, 1h);
        EXPECT_EQ(current_loop().time(), 0s);
    };
    run(main(), {.virtual_time = true});
}

TEST_P(subprocess, many_run_at_the_same_time) {
    const auto one = [](int n) -> task<int> {
        process child = co_await create_subprocess_shell("exit " + std::to_string(n));
        co_return co_await child.wait();
    };
    const auto main = [](auto& start) -> task<> {
        std::vector<task<int>> all;
        for (int i = 0; i < 40; ++i) all.push_back(start(i));
        const std::vector<int> codes = co_await gather(std::move(all));
        for (int i = 0; i < 40; ++i) EXPECT_EQ(codes[static_cast<std::size_t>(i)], i);
    };
    const auto before = open_descriptors();
    run(main(one));
    EXPECT_EQ(open_descriptors(), before);
    EXPECT_TRUE(has_no_child());
}

}  // namespace
