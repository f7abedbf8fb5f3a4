// Says on which backend it runs, and does some of all that there is of I/O; what goes wrong it says, and ends with 1.

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <cstdio>
#include <exception>
#include <string>

namespace {

using namespace fermata;

task<> echo(stream s) {
    const std::string line = co_await s.readline();
    co_await s.write(line);
}

task<> say(const char* what, std::string text) {
    std::printf("%s: %s\n", what, text.c_str());
    co_return;
}

task<> use_io() {
    co_await say("backend", std::string(backend_name()));

    server s = co_await start_server(echo, "127.0.0.1", 0);
    stream c = co_await open_connection(s.addresses().front());
    co_await c.write("over TCP\n");
    std::string answer = co_await c.read();
    co_await say("echo", answer.substr(0, answer.size() - 1));

    file zeros = co_await open_file("/dev/zero");
    std::string some = co_await zeros.read(3);
    co_await say("bytes of a file", std::to_string(some.size()));

    auto [reads, writes] = open_pipe();
    co_await writes.write("through a pipe");
    std::string piped = co_await reads.read(100);
    co_await say("pipe", piped);
    reads.close();
    try {
        co_await writes.write("x");
    } catch (const std::exception& e) {
        std::printf("pipe without a reader: %s\n", e.what());
    }

    process child = co_await create_subprocess_shell("exit 3");
    const int status = co_await child.wait();
    co_await say("process", std::to_string(status));
}

}  // namespace

int main() {
    try {
        run(use_io());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
