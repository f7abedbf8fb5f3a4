// Sends back what it gets: asyncio's first example, too.
//
//   echo_server --port 7777 &
//   nc 127.0.0.1 7777

#include "../serving.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace {

using namespace fermata;

task<> echo(stream peer) {
    std::array<char, 16 * 1024> buffer;  // NOLINT(*-member-init): it is written before it is read
    try {
        for (;;) {
            const std::size_t size = co_await peer.read(buffer);
            if (size == 0) break;
            co_await peer.write(std::string_view(buffer.data(), size));
        }
    } catch (const std::system_error&) {
        co_return;  // reset: he has gone, and is not worth a message
    }
}

}  // namespace

int main(int argc, char** argv) { return serving::main("echo_server", "Sends back what it gets.", argc, argv, echo); }
