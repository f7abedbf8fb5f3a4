#include "followed_file.hpp"

#include <algorithm>
#include <cstdio>
#include <system_error>
#include <utility>

namespace tail_follow {

using namespace fermata;

namespace {

constexpr std::size_t at_once = 64 * 1024;

// Where so many last lines begin: read from the end, however long the file is.
task<std::uint64_t> start_of_last(const file& f, std::size_t lines, std::uint64_t size) {
    if (lines == 0) co_return size;
    std::uint64_t start = size;
    std::size_t seen = 0;
    while (start > 0) {
        const std::uint64_t part = std::min<std::uint64_t>(at_once, start);
        start -= part;
        const std::string bytes = co_await f.pread(static_cast<std::size_t>(part), start);
        for (std::size_t at = bytes.size(); at-- > 0;) {
            const bool ends_file = start + at + 1 == size;
            if (bytes[at] == '\n' && !ends_file && ++seen == lines) co_return start + at + 1;
        }
    }
    co_return 0;
}

bool is_same(const file_status& a, const file_status& b) { return a.device == b.device && a.inode == b.inode; }

}  // namespace

task<> output::write(const std::string& who, std::string what) {
    if (has_titles_ && last_ != who) {
        what.insert(0, (last_.empty() ? "==> " : "\n==> ") + who + " <==\n");
        last_ = who;
    }
    co_await to_.write(what);
}

void followed_file::say(std::string_view what) const {
    std::fprintf(stderr, "tail_follow: %s: %.*s\n", path_.c_str(), static_cast<int>(what.size()), what.data());
}

// False where it is not there, which is said once.
task<file> followed_file::open() {
    try {
        file opened = co_await open_file(path_);
        was_missing_ = false;
        co_return opened;
    } catch (const std::system_error& e) {
        if (!std::exchange(was_missing_, true)) say(e.code().message() + "; waiting for it");
    }
    co_return file();
}

task<> followed_file::show_end(std::size_t lines) {
    open_ = co_await open();
    if (!open_) co_return;
    const file_status status = co_await open_.stat();
    const std::uint64_t start = co_await start_of_last(open_, lines, status.size);
    open_.seek(start);
    co_await show_rest();
}

task<> followed_file::show_rest() {
    for (;;) {
        std::string some = co_await open_.read_some(at_once);
        if (some.empty()) break;
        co_await out_.write(path_, std::move(some));
    }
}

task<> followed_file::show_news() {
    if (open_) {
        const file_status now = co_await open_.stat();
        if (now.size < open_.tell()) {
            say("it was cut; from its start");
            open_.seek(0);
        }
        co_await show_rest();
    }
    file there = co_await open();
    if (!there) co_return;
    if (open_) {
        const file_status ours = co_await open_.stat();
        const file_status theirs = co_await there.stat();
        if (is_same(ours, theirs)) co_return;
        co_await show_rest();  // what came before it was replaced
        say("it was replaced");
    }
    open_ = std::move(there);
    co_await show_rest();
}

}  // namespace tail_follow
