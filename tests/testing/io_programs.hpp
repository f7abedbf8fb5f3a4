#pragma once

// The same of I/O: they talk to themselves, over sockets, pipes and files, in real time.

#include "programs.hpp"

#include <fermata/io.hpp>
#include <fermata/testing/memory_streams.hpp>

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace programs {

inline const std::string some_bytes(100'000, 'x');

inline task<> serve_one(stream peer) {
    const std::string line = co_await peer.readline();
    const std::string rest = co_await peer.read_exactly(3);
    const std::vector<std::string_view> pieces = {line, rest, "\n"};
    co_await peer.write(pieces);
    const std::string until = co_await peer.read_until("--");
    co_await peer.write(until);
    co_await peer.read();
    peer.write_eof();
}

inline task<> ask(stream& peer) {
    const std::string line = long_text(1) + "\n";
    co_await peer.write(line);
    co_await peer.write("abc");
    const std::string echo = co_await peer.readline();
    const std::string more = co_await peer.readline();
    co_await peer.write("until--");
    const std::string until = co_await peer.read_exactly(7);
    co_await peer.write(some_bytes);
    peer.write_eof();
    const std::string rest = co_await peer.read();
}

inline task<> asks_once(stream peer) { co_await ask(peer); }

inline task<> talk(std::pair<stream, stream> ends) {
    co_await with(task_group(), [&](task_group& group) -> task<> {
        group.create_task(serve_one(std::move(ends.first)));
        group.create_task(asks_once(std::move(ends.second)));
        co_return;
    });
}

inline task<> streams_in_memory() { co_await talk(memory_streams(64)); }

inline task<> pipes() {
    auto [reads, writes] = open_pipe();
    co_await with(task_group(), [&](task_group& group) -> task<> {
        group.create_task([](stream to) -> task<> {
            co_await to.write(some_bytes);
            to.close();
        }(std::move(writes)));
        const std::string all = co_await reads.read();
    });
}

inline task<> served_over_tcp() {
    server s = co_await start_server(serve_one, "127.0.0.1", 0);
    co_await with(s, [](server& running) -> task<> {
        stream peer = co_await open_connection(running.addresses().front());
        co_await ask(peer);
        peer.close();
        running.close();
    });
}

inline std::string path_of_ours(const std::string& name) {
    const std::string file = "fermata_programs_" + name + "_" + std::to_string(getpid());
    return (std::filesystem::temp_directory_path() / file).string();
}

inline task<> served_over_unix_sockets() {
    const std::string path = path_of_ours("socket");
    server s = co_await start_unix_server(serve_one, path);
    co_await with(s, [&](server& running) -> task<> {
        stream peer = co_await open_unix_connection(path);
        co_await ask(peer);
        peer.close();
        running.close();
    });
}

inline task<> datagrams() {
    datagram_socket one({.local = address::of("127.0.0.1", 0)});
    datagram_socket other({.remote = one.local_address()});
    co_await sleep(1ms);
    co_await other.send("a datagram that is longer than a small string");
    datagram got = co_await one.receive();
    co_await one.send(got.bytes, got.from);
    std::array<char, 100> buffer{};
    co_await other.receive(buffer);
    one.close();
}

struct removed_at_the_end {
    explicit removed_at_the_end(const std::string& name) : path(path_of_ours(name)) {}
    removed_at_the_end(const removed_at_the_end&) = delete;
    removed_at_the_end& operator=(const removed_at_the_end&) = delete;
    std::string path;
    ~removed_at_the_end() { ::unlink(path.c_str()); }
};

inline task<> files() {
    const removed_at_the_end here("file");
    file out = co_await open_file(here.path, "w");
    co_await out.write(long_text(1) + "\n" + long_text(2) + "\n");
    co_await out.fsync();
    out.close();
    file in = co_await open_file(here.path);
    const file_status status = co_await in.stat();
    const std::string first = co_await in.read(10);
    const std::string second = co_await in.pread(10, 0);
    const std::string rest = co_await in.read();
    require(first == second && first.size() + rest.size() == status.size, "what was written");
    auto lines = async_lines(here.path);
    int count = 0;
    while (auto line = co_await lines.next()) ++count;
    require(count == 2, "two lines");
}

inline task<> files_beneath_a_directory() {
    const removed_at_the_end here("beneath");
    const std::filesystem::path path(here.path);
    const directory above = co_await open_directory(path.parent_path().parent_path().string());
    const directory from = co_await above.open_directory(path.parent_path().filename().string());
    file out = co_await from.open_file(path.filename().string(), "w");
    co_await out.write(long_text(1));
    out.close();
    const file in = co_await from.open_file(path.filename().string());
    const std::string all = co_await in.read();
    require(all == long_text(1), "what was written");
}

inline task<> files_that_are_sent() {
    const removed_at_the_end here("sent");
    file out = co_await open_file(here.path, "w");
    co_await out.write(long_text(1));
    out.close();
    server s = co_await start_server([](stream peer) -> task<> { co_await peer.read(); }, "127.0.0.1", 0);
    co_await with(s, [&](server& running) -> task<> {
        stream peer = co_await open_connection(running.addresses().front());
        file in = co_await open_file(here.path);
        co_await sendfile(peer, in);
        peer.close();
        running.close();
    });
}

inline constexpr subprocess_options all_pipes{
    .stdin_ = redirect::pipe(), .stdout_ = redirect::pipe(), .stderr_ = redirect::pipe()};

inline task<> subprocesses() {
    process child = co_await create_subprocess_exec(all_pipes, "/bin/cat");
    const process_output output = co_await child.communicate(long_text(1));
    const int status = co_await child.wait();
    // That it does not take all of it is the child's affair.
    require(status == 0 && long_text(1).starts_with(output.stdout_), "what it was given");
    process slow = co_await create_subprocess_exec("/bin/sleep", "1000");
    slow.kill();
    co_await slow.wait();
}

inline task<> names_that_are_looked_up() {
    const std::vector<address> found = co_await getaddrinfo("localhost", 80);
    require(!found.empty(), "some address");
}

inline task<> threads() {
    const std::string got = co_await to_thread([](std::string given) { return given + "!"; }, long_text(1));
    bool raised = false;
    try {
        co_await to_thread([] { throw value_error("on purpose"); });
    } catch (const value_error&) {
        raised = true;
    }
    require(raised, "it raises");
}

inline constexpr program with_io[] = {
    {"pipes", pipes},
    {"served_over_tcp", served_over_tcp},
    {"served_over_unix_sockets", served_over_unix_sockets},
    {"datagrams", datagrams},
    {"files", files},
    {"files_beneath_a_directory", files_beneath_a_directory},
    {"files_that_are_sent", files_that_are_sent},
    {"subprocesses", subprocesses},
};

inline constexpr program with_threads[] = {{"names_that_are_looked_up", names_that_are_looked_up},
                                           {"threads", threads}};

}  // namespace programs
