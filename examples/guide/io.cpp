// The guide's chapter on I/O. io.py is its twin.

#include <fermata/async.hpp>
#include <fermata/io.hpp>
#include <fermata/testing.hpp>

#include <unistd.h>

#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

using namespace fermata;
using namespace std::chrono_literals;

// [serve]
task<> shout(stream peer) {
    for (;;) {
        std::string line = co_await peer.readline();
        if (line.empty()) break;
        for (char& c : line) c = static_cast<char>(std::toupper(c));
        co_await peer.write(line);
    }
}
// [serve]

// [talk]
task<> talk(std::uint16_t port) {
    stream peer = co_await open_connection("127.0.0.1", port);
    co_await peer.write("hello\nworld\n");
    peer.write_eof();
    for (;;) {
        std::string line = co_await peer.readline();
        if (line.empty()) break;
        std::printf("%s", line.c_str());
    }
}
// [talk]

// [both]
task<> serve_and_talk() {
    server listening = co_await start_server(shout, "127.0.0.1", 0);
    std::uint16_t port = listening.addresses().front().port();
    co_await with(listening, [&](server&) -> task<> { co_await talk(port); });
}
// [both]

// [exactly]
task<> measure() {
    auto [ours, theirs] = memory_streams();  // <fermata/testing.hpp>
    co_await theirs.write("12345678");
    theirs.close();
    std::string five = co_await ours.read_exactly(5);
    std::printf("%s\n", five.c_str());
    try {
        co_await ours.read_exactly(5);
    } catch (const incomplete_read_error& error) {
        std::puts(error.what());
    }
}
// [exactly]

// [refused]
task<> nobody_there() {
    server listening = co_await start_server(shout, "127.0.0.1", 0);
    std::uint16_t port = listening.addresses().front().port();
    listening.close();
    co_await listening.wait_closed();
    try {
        co_await open_connection("127.0.0.1", port);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::connection_refused) throw;
        std::puts("refused");
    }
}
// [refused]

// [subprocess]
task<> sort() {
    const subprocess_options options = {.stdin_ = redirect::pipe(), .stdout_ = redirect::pipe()};
    process sorting = co_await create_subprocess_exec(options, "sort", "-n");
    process_output output = co_await sorting.communicate("10\n9\n8\n");
    std::printf("%s", output.stdout_.c_str());
    std::printf("%d\n", *sorting.returncode());
}
// [subprocess]

// [file]
task<> write_and_read(std::string path) {
    file out = co_await open_file(path, "w");
    co_await out.write("one\ntwo\n");
    out.close();
    auto lines = async_lines(path);
    while (auto line = co_await lines.next()) {
        std::printf("%s", line->c_str());
    }
}
// [file]

// [signal]
task<> hear_a_signal() {
    event heard;
    add_signal_handler(SIGUSR1, [&] { heard.set(); });
    kill(getpid(), SIGUSR1);
    co_await heard.wait();
    std::puts("heard");
}
// [signal]

task<> program() {
    co_await serve_and_talk();
    co_await measure();
    co_await nobody_there();
    co_await sort();
    char path[] = "/tmp/fermata-guide-XXXXXX";
    const int made = mkstemp(path);
    if (made < 0) throw runtime_error("no file in /tmp can be made");
    close(made);
    co_await write_and_read(path);
    unlink(path);
    co_await hear_a_signal();
}

int main() { run(program()); }
