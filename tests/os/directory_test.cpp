#include "support.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using tests::content_of;
using tests::open_descriptors;
using tests::scratch_directory;
using tests::text_of_error;
using tests::write_to;

FERMATA_ON_BOTH_BACKENDS(directory);
using open_directory_handle = fermata::directory;

// above/secret, and above/site with what is served.
class site {
public:
    site() {
        std::filesystem::create_directories(root() + "/sub/deep");
        std::filesystem::create_directories(scratch_ / "site-too");
        write_to(scratch_ / "secret", "secret");
        write_to(root() + "/f", "words");
        write_to(root() + "/sub/g", "more words");
    }
    std::string root() const { return scratch_ / "site"; }
    std::string above() const { return scratch_.path(); }
    void link(const std::string& name, const std::string& to) const {
        std::filesystem::create_symlink(to, root() + "/" + name);
    }

private:
    scratch_directory scratch_;
};

task<std::string> content_beneath(const open_directory_handle& from, std::string path) {
    const file opened = co_await from.open_file(std::move(path));
    std::string content = co_await opened.read();
    co_return content;
}

task<std::string> error_beneath(const open_directory_handle& from, std::string path) {
    std::string error = co_await text_of_error(content_beneath(from, std::move(path)));
    co_return error;
}

TEST_P(directory, files_beneath_it_are_opened) {
    const site here;
    const auto main = [](std::string root) -> task<> {
        const open_directory_handle from = co_await open_directory(root);
        EXPECT_EQ(from.name(), root);
        const std::string f = co_await content_beneath(from, "f");
        EXPECT_EQ(f, "words");
        const std::string g = co_await content_beneath(from, "sub/deep/.././g");
        EXPECT_EQ(g, "more words");
        const file opened = co_await from.open_file("f");
        EXPECT_EQ(opened.name(), "f");
        EXPECT_EQ(opened.status_when_opened().size, 5U);
        const file_status now = co_await opened.stat();
        EXPECT_EQ(opened.status_when_opened().inode, now.inode);
        EXPECT_EQ(opened.status_when_opened().modified, now.modified);
    };
    const auto before = open_descriptors();
    run(main(here.root()));
    EXPECT_EQ(open_descriptors(), before);
}

TEST_P(directory, modes_are_those_of_open_file) {
    const site here;
    const auto main = [](std::string root) -> task<> {
        const open_directory_handle from = co_await open_directory(root);
        file f = co_await from.open_file("new", "w+");
        co_await f.write("made");
        f.seek(0);
        const std::string made = co_await f.read();
        EXPECT_EQ(made, "made");
        f = co_await from.open_file("new", "a");
        EXPECT_EQ(f.tell(), 4U);
        co_await f.write(", again");
        EXPECT_EQ(content_of(root + "/new"), "made, again");
        EXPECT_EQ(fcntl(f.descriptor(), F_GETFL) & (O_APPEND | O_NONBLOCK), O_APPEND);
        EXPECT_EQ(fcntl(f.descriptor(), F_GETFD), FD_CLOEXEC);
        f = co_await from.open_file("new", "w");
        EXPECT_EQ(content_of(root + "/new"), "");
        struct stat status{};
        ::stat((root + "/new").c_str(), &status);
        EXPECT_EQ(status.st_mode & 0111U, 0U);
        EXPECT_THROW(static_cast<void>(from.open_file("f", "q")), value_error);
        const std::string error = co_await text_of_error(from.open_file("f", "x"));
        EXPECT_EQ(error, "open f: File exists");
    };
    run(main(here.root()));
}

TEST_P(directory, no_path_leads_out) {
    const site here;
    here.link("out", "../secret");
    here.link("absolute", here.root() + "/f");
    here.link("up", "..");
    here.link("away", "/proc/self/root");
    const auto main = [](const site& at) -> task<> {
        const open_directory_handle from = co_await open_directory(at.root());
        for (const std::string path : {"../secret", "../site/f", "../site-too", "sub/../../secret", "out", "absolute",
                                       "up/secret", "away/etc/passwd", "/etc/passwd", "..", "sub/../.."}) {
            const std::string error = co_await error_beneath(from, path);
            EXPECT_EQ(error, "open " + path + ": Invalid cross-device link");
        }
        const std::string whole = at.root() + "/f";
        const std::string error = co_await error_beneath(from, whole);
        EXPECT_EQ(error, "open " + whole + ": Invalid cross-device link");
        const std::string making = co_await text_of_error(from.open_file("../made", "w"));
        EXPECT_EQ(making, "open ../made: Invalid cross-device link");
        EXPECT_FALSE(std::filesystem::exists(at.above() + "/made"));
    };
    run(main(here));
}

TEST_P(directory, links_within_it_are_followed) {
    const site here;
    here.link("inside", "sub/g");
    here.link("sub/back", "../f");
    here.link("round", "round");
    const auto main = [](std::string root) -> task<> {
        const open_directory_handle from = co_await open_directory(root);
        const std::string inside = co_await content_beneath(from, "inside");
        EXPECT_EQ(inside, "more words");
        const std::string back = co_await content_beneath(from, "sub/back");
        EXPECT_EQ(back, "words");
        const std::string round = co_await error_beneath(from, "round");
        EXPECT_EQ(round, "open round: Too many levels of symbolic links");
    };
    run(main(here.root()));
}

TEST_P(directory, what_is_no_regular_file_is_refused) {
    const site here;
    mkfifo((here.root() + "/fifo").c_str(), 0600);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string socket_path = here.root() + "/s";
    std::copy(socket_path.begin(), socket_path.end(), &address.sun_path[0]);
    const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const auto main = [](std::string root) -> task<> {
        const open_directory_handle from = co_await open_directory(root);
        const auto before = open_descriptors();
        const std::string pipe = co_await error_beneath(from, "fifo");
        EXPECT_EQ(pipe, "open fifo: Operation not permitted");
        for (const char* mode : {"w", "a", "r+", "w+"}) {
            const std::string writing = co_await text_of_error(from.open_file("fifo", mode));
            EXPECT_EQ(writing, "open fifo: Operation not permitted") << mode;
        }
        const std::string socket = co_await error_beneath(from, "s");
        EXPECT_EQ(socket, "open s: No such device or address");
        const std::string socket_to_write = co_await text_of_error(from.open_file("s", "w"));
        EXPECT_EQ(socket_to_write, "open s: No such device or address");
        const std::string sub = co_await error_beneath(from, "sub");
        EXPECT_EQ(sub, "open sub: Is a directory");
        const std::string zero = co_await error_beneath(from, std::string("f\0", 2));
        EXPECT_EQ(zero, "embedded null byte");
        const std::string none = co_await error_beneath(from, "sub/none");
        EXPECT_EQ(none, "open sub/none: No such file or directory");
        EXPECT_EQ(open_descriptors(), before);
    };
    run(main(here.root()));
    ::close(listening);
}

TEST_P(directory, others_are_opened_beneath_it) {
    const site here;
    here.link("up", "..");
    const auto main = [](std::string root) -> task<> {
        open_directory_handle from = co_await open_directory(root);
        open_directory_handle sub = co_await from.open_directory("sub");
        const std::string g = co_await content_beneath(sub, "g");
        EXPECT_EQ(g, "more words");
        const std::string above = co_await error_beneath(sub, "../f");
        EXPECT_EQ(above, "open ../f: Invalid cross-device link");
        std::string error = co_await text_of_error(from.open_directory("up"));
        EXPECT_EQ(error, "open up: Invalid cross-device link");
        error = co_await text_of_error(from.open_directory("f"));
        EXPECT_EQ(error, "open f: Not a directory");
        error = co_await text_of_error(open_directory(root + "/f"));
        EXPECT_EQ(error, "open " + root + "/f: Not a directory");
        sub.close();
        error = co_await error_beneath(sub, "g");
        EXPECT_EQ(error, "I/O operation on closed file");
        const open_directory_handle none;
        error = co_await error_beneath(none, "g");
        EXPECT_EQ(error, "I/O operation on closed file");
    };
    run(main(here.root()));
}

TEST_P(directory, it_is_the_same_when_it_is_renamed) {
    const site here;
    const auto main = [](const site& at) -> task<> {
        const open_directory_handle from = co_await open_directory(at.root());
        std::filesystem::rename(at.root(), at.above() + "/moved");
        const std::string f = co_await content_beneath(from, "f");
        EXPECT_EQ(f, "words");
    };
    run(main(here));
}

// Who looked at the path before he opens it would be let out now and then.
TEST_P(directory, what_is_exchanged_meanwhile_lets_nothing_out) {
    const site here;
    here.link("out", "../secret");
    const std::string names[] = {here.root() + "/f", here.root() + "/out"};
    std::atomic<bool> ends = false;
    std::thread exchanges([&] {
        while (!ends) renameat2(AT_FDCWD, names[0].c_str(), AT_FDCWD, names[1].c_str(), RENAME_EXCHANGE);
    });
    int opened = 0;
    const auto main = [&](std::string root) -> task<> {
        const open_directory_handle from = co_await open_directory(root);
        while (opened < 1000) {
            std::string content;
            try {
                content = co_await content_beneath(from, "f");
            } catch (const std::system_error&) {
                continue;
            }
            ++opened;
            EXPECT_EQ(content, "words");
        }
    };
    run(main(here.root()));
    ends = true;
    exchanges.join();
}

TEST_P(directory, what_is_in_memory_is_opened_at_once) {
    const site here;
    struct stat on{};
    ::stat(here.root().c_str(), &on);
    if (major(on.st_dev) == 0) GTEST_SKIP() << "the directory for temporary files is on no disk";
    const auto main = [](std::string root) -> task<> {
        const open_directory_handle from = co_await open_directory(root);
        bool turned = false;
        current_loop().call_soon([&] { turned = true; });
        const file opened = co_await from.open_file("f");
        EXPECT_FALSE(turned);
        EXPECT_EQ(fcntl(opened.descriptor(), F_GETFL) & O_NONBLOCK, 0);
    };
    run(main(here.root()));
}

// With a lease, whose holder is told (SIGIO), and gives it back when he likes.
TEST_P(directory, a_file_that_somebody_has_a_lease_on_is_waited_for) {
    const site here;
    const int leased = ::open((here.root() + "/f").c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(leased, 0);
    if (fcntl(leased, F_SETLEASE, F_WRLCK) < 0) {
        ::close(leased);
        GTEST_SKIP() << "no leases on the files of this directory";
    }
    const auto before = std::signal(SIGIO, SIG_IGN);
    const auto main = [](std::string root, int held) -> task<> {
        const open_directory_handle from = co_await open_directory(root);
        for (const char* mode : {"r", "r+", "w"}) {
            EXPECT_EQ(fcntl(held, F_SETLEASE, F_WRLCK), 0);
            task_handle<file> opening = create_task(from.open_file("f", mode));
            co_await sleep(20ms);
            EXPECT_FALSE(opening.done());
            fcntl(held, F_SETLEASE, F_UNLCK);
            const file opened = co_await std::move(opening);
            EXPECT_EQ(opened.status_when_opened().size, std::string(mode) == "w" ? 0U : 5U);
            EXPECT_EQ(fcntl(opened.descriptor(), F_GETFL) & O_NONBLOCK, 0);
        }
    };
    run(main(here.root(), leased));
    std::signal(SIGIO, before);
    ::close(leased);
}

// A thread may have opened it by then, for nobody.
TEST_P(directory, a_cancelled_opening_leaks_nothing) {
    const site here;
    const auto main = [](std::string root) -> task<> {
        const open_directory_handle from = co_await open_directory(root);
        for (int i = 0; i < 50; ++i) {
            task_handle<file> opening = create_task(from.open_file("made", "w"));
            co_await sleep(0s);
            opening.cancel();
            const std::vector<task_handle<file>> all = {opening};
            co_await wait(all);
            EXPECT_TRUE(opening.cancelled());
        }
    };
    const auto before = open_descriptors();
    run(main(here.root()));
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
