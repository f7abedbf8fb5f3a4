// Tells everybody what anybody says. Each who is there has a queue, which a task of his own empties into his connection:
// nobody waits for who reads slowly, and who does not read at all is put out when his queue is full.
//
//   chat_server --port 7777 &
//   nc 127.0.0.1 7777

#include "../serving.hpp"

#include <cstddef>
#include <list>
#include <string>
#include <system_error>
#include <utility>

namespace {

using namespace fermata;

constexpr std::size_t lines_kept_for_one = 100;

struct guest {
    guest(std::string called, stream& connected) : name(std::move(called)), peer(connected) {}
    std::string name;
    stream& peer;
    queue<std::string> to_tell{lines_kept_for_one};
};

class room {
public:
    task<> welcome(stream peer) {
        co_await peer.write("your name? ");
        std::string name = co_await peer.readline();
        while (!name.empty() && (name.back() == '\n' || name.back() == '\r')) name.pop_back();
        if (name.empty()) co_return;
        guest& here = guests_.emplace_back(name, peer);
        const auto entry = --guests_.end();
        struct leaving {
            room& of;
            std::list<guest>::iterator who;
            ~leaving() {
                const std::string gone = who->name;
                of.guests_.erase(who);
                of.tell("* " + gone + " leaves\n");
            }
        } const at_the_end{*this, entry};
        tell("* " + name + " comes\n");
        co_await with(task_group(), [&](task_group& both) { return talk(here, both); });
    }

private:
    void tell(const std::string& line) {
        for (guest& each : guests_) {
            if (each.to_tell.full()) {
                each.peer.close();  // whoever reads from it and writes to it is told
            } else {
                each.to_tell.put_nowait(line);
            }
        }
    }

    task<> talk(guest& here, task_group& both) {
        auto telling = both.create_task(tell(here));
        co_await listen(here);
        telling.cancel();
    }

    task<> listen(guest& here) {
        for (;;) {
            std::string line = co_await here.peer.readline();
            if (line.empty()) break;
            if (line.back() != '\n') line += '\n';
            tell(here.name + ": " + line);
        }
    }

    static task<> tell(guest& here) {
        try {
            for (;;) {
                const std::string line = co_await here.to_tell.get();
                co_await here.peer.write(line);
            }
        } catch (const std::system_error&) {
            here.peer.close();  // he is gone: listen() hears of it
        }
    }

    std::list<guest> guests_;
};

}  // namespace

int main(int argc, char** argv) {
    room hall;
    return serving::main("chat_server", "Tells everybody what anybody says.", argc, argv,
                         [&hall](stream peer) { return hall.welcome(std::move(peer)); });
}
