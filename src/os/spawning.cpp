// By posix_spawn: see docs/decisions/0009.

#include <fermata/base/errors.hpp>
#include <fermata/os/detail/spawning.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

namespace fermata::inline v0::detail {

namespace {

[[noreturn]] void fail(int failure, const std::string& what) {
    throw std::system_error(failure, std::generic_category(), what);
}

// Where the child's standard streams lead, as descriptors of this program's.
class ends {
public:
    explicit ends(const spawn_request& request) {
        for (int i = 0; i < 3; ++i) open(i, request.standard[i]);
    }

    /// -1: the child has this program's.
    int of_child(int i) const noexcept { return child_[i].get(); }
    unique_descriptor take_ours(int i) noexcept { return std::move(ours_[i]); }

private:
    void open(int i, redirect to) {
        switch (to.what()) {
        case redirect::kind::inherit:
        case redirect::kind::to_stdout: return;
        case redirect::kind::pipe: return open_pipe(i);
        case redirect::kind::devnull:
            child_[i] = above_standard(::open("/dev/null", O_RDWR | O_CLOEXEC), "/dev/null");
            return;
        case redirect::kind::descriptor: {
            const int copy = fcntl(to.descriptor(), F_DUPFD_CLOEXEC, 3);
            if (copy < 0) fail(errno, "descriptor " + std::to_string(to.descriptor()));
            child_[i] = unique_descriptor(copy);
        }
        }
    }

    void open_pipe(int i) {
        int both[2];
        if (pipe2(both, O_CLOEXEC) < 0) fail(errno, "pipe");
        unique_descriptor reads(both[0]);
        unique_descriptor writes(both[1]);
        child_[i] = above_standard((i == 0 ? reads : writes).release(), "pipe");
        ours_[i] = above_standard((i == 0 ? writes : reads).release(), "pipe");
    }

    // Where this program has closed its standard streams, new descriptors get their numbers; as sources of dup2 they would be
    // overwritten before they are copied.
    static unique_descriptor above_standard(int descriptor, const char* what) {
        if (descriptor < 0) fail(errno, what);
        unique_descriptor given(descriptor);
        if (descriptor > 2) return given;
        const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
        if (copy < 0) fail(errno, what);
        return unique_descriptor(copy);
    }

    unique_descriptor child_[3];
    unique_descriptor ours_[3];
};

void check(int failure, const char* what) {
    if (failure != 0) fail(failure, what);
}

// What the child does before it becomes the program, in this order.
class file_actions {
public:
    file_actions(const spawn_request& request, const ends& to, int cwd) {
        check(posix_spawn_file_actions_init(&actions_), "posix_spawn");
        try {
            add(request, to, cwd);
        } catch (...) {
            posix_spawn_file_actions_destroy(&actions_);
            throw;
        }
    }
    file_actions(const file_actions&) = delete;
    file_actions& operator=(const file_actions&) = delete;
    ~file_actions() { posix_spawn_file_actions_destroy(&actions_); }

    const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

private:
    void add(const spawn_request& request, const ends& to, int cwd) {
        if (cwd >= 0) check(posix_spawn_file_actions_addfchdir_np(&actions_, cwd), "posix_spawn");
        for (int i = 0; i < 3; ++i) {
            const bool follows_stdout = i == 2 && request.standard[i].what() == redirect::kind::to_stdout;
            const int from = follows_stdout ? 1 : to.of_child(i);
            if (from >= 0) check(posix_spawn_file_actions_adddup2(&actions_, from, i), "posix_spawn");
        }
        if (request.close_fds) check(posix_spawn_file_actions_addclosefrom_np(&actions_, 3), "posix_spawn");
    }

    posix_spawn_file_actions_t actions_;
};

// What it is as a process.
class attributes {
public:
    explicit attributes(const spawn_request& request) {
        check(posix_spawnattr_init(&attributes_), "posix_spawn");
        int flags = 0;
        if (request.restore_signals) {
            sigset_t restored;
            sigemptyset(&restored);
            sigaddset(&restored, SIGPIPE);
            sigaddset(&restored, SIGXFSZ);
            posix_spawnattr_setsigdefault(&attributes_, &restored);
            flags |= POSIX_SPAWN_SETSIGDEF;
        }
        if (request.new_session) flags |= POSIX_SPAWN_SETSID;
        if (request.process_group) {
            posix_spawnattr_setpgroup(&attributes_, *request.process_group);
            flags |= POSIX_SPAWN_SETPGROUP;
        }
        posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
    }
    attributes(const attributes&) = delete;
    attributes& operator=(const attributes&) = delete;
    ~attributes() { posix_spawnattr_destroy(&attributes_); }

    const posix_spawnattr_t* get() const noexcept { return &attributes_; }

private:
    posix_spawnattr_t attributes_;
};

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
    std::vector<char*> pointers;
    pointers.reserve(strings.size() + 1);
    for (const std::string& each : strings) {
        if (each.find('\0') != std::string::npos) throw value_error("embedded null byte");
        pointers.push_back(const_cast<char*>(each.c_str()));  // NOLINT: posix_spawn does not write to them
    }
    pointers.push_back(nullptr);
    return pointers;
}

void check_environment(const std::vector<std::string>& env) {
    for (const std::string& each : env) {
        const std::size_t name_ends = each.find('=');
        if (name_ends == 0 || name_ends == std::string::npos) throw value_error("illegal environment variable name");
    }
}

// Of os.get_exec_path.
std::string path_of(const spawn_request& request) {
    if (!request.env) {
        const char* path = std::getenv("PATH");
        return path ? path : "/bin:/usr/bin";
    }
    for (const std::string& each : *request.env) {
        if (each.starts_with("PATH=")) return each.substr(5);
    }
    return "/bin:/usr/bin";
}

// What to try to execute, in turn.
std::vector<std::string> candidates_of(const spawn_request& request) {
    const std::string& program = request.command.front();
    if (program.find('/') != std::string::npos) return {program};
    std::vector<std::string> found;
    const std::string path = path_of(request);
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find(':', at), path.size());
        found.push_back(at == end ? program : path.substr(at, end - at) + "/" + program);
        at = end + 1;
    }
    return found;
}

// Not there, as far as can be seen from here: a relative path is one of the child's own directory.
bool is_missing(const std::string& path) noexcept {
    return path.starts_with('/') && access(path.c_str(), F_OK) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

unique_descriptor open_directory(const std::string& path) {
    if (path.empty()) return {};
    unique_descriptor opened(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (opened.get() < 0) fail(errno, path);
    return opened;
}

// Where the program ignores SIGCHLD, or another thread waits for whatever ends. The number may be another's by then.
bool has_been_reaped(int pid) noexcept {
    return waitid(P_PID, static_cast<id_t>(pid), nullptr, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

// If it is not reaped yet, it is this very child.
unique_descriptor open_pidfd(int pid) {
    unique_descriptor opened(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (opened.get() >= 0) return opened;
    const int failure = errno;
    if (has_been_reaped(pid)) return {};
    ::kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    fail(failure, "pidfd_open");
}

}  // namespace

spawned spawn_now(const spawn_request& request) {
    const std::vector<char*> arguments = pointers_to(request.command);
    std::vector<char*> environment;
    if (request.env) {
        check_environment(*request.env);
        environment = pointers_to(*request.env);
    }
    const unique_descriptor cwd = open_directory(request.cwd);
    ends to(request);
    const file_actions actions(request, to, cwd.get());
    const attributes as(request);

    spawned made;
    int failure = ENOENT;
    for (const std::string& each : candidates_of(request)) {
        if (is_missing(each)) continue;
        const int result = posix_spawn(&made.pid, each.c_str(), actions.get(), as.get(), arguments.data(),
                                       request.env ? environment.data() : environ);
        if (result == 0) {
            made.pidfd = open_pidfd(made.pid);
            for (int i = 0; i < 3; ++i) made.ends[i] = to.take_ours(i);
            return made;
        }
        if (result != ENOENT && result != ENOTDIR) failure = result;
    }
    fail(failure, request.command.front());
}

}  // namespace fermata::inline v0::detail
