// In debug mode the loop tells what takes long by its name. All that the layers put into it has one.

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <set>
#include <string>
#include <thread>

namespace {

using namespace fermata;
using namespace std::chrono_literals;
using names = std::set<std::string>;

task<> turns(int many) {
    for (int i = 0; i < many; ++i) co_await sleep(0s);
}

/// The names of what a program's loop runs: there all takes too long.
template <class Program>
names run_by(Program program) {
    names heard;
    const auto main = [&]() -> task<> {
        current_loop().slow_callback_duration = 0ns;
        current_loop().set_exception_handler([&](event_loop&, const error_context& context) {
            if (context.message.starts_with("Executing " + context.source + " took ")) heard.insert(context.source);
        });
        co_await program();
        co_await turns(4);
    };
    run(main(), {.debug = true});
    return heard;
}

TEST(slow_callbacks, a_child_is_named) {
    std::string child;
    const names all = run_by([&]() -> task<> {
        const process of = co_await create_subprocess_exec({"true"});
        child = "<child " + std::to_string(of.pid()) + ">";
        co_await of.wait();
    });
    EXPECT_TRUE(all.contains(child)) << child;
}

TEST(slow_callbacks, a_handler_of_a_signal_is_named) {
    const names all = run_by([]() -> task<> {
        event called;
        add_signal_handler(SIGUSR1, [&called] { called.set(); });
        std::raise(SIGUSR1);
        co_await called.wait();
        remove_signal_handler(SIGUSR1);
    });
    EXPECT_TRUE(all.contains("<handler of signal " + std::to_string(SIGUSR1) + ">"));
}

async_generator<int> forever() {
    for (;;) co_yield 1;
}

TEST(slow_callbacks, the_closing_of_a_generator_is_named) {
    const names all = run_by([]() -> task<> {
        {
            async_generator<int> dropped = forever();
            co_await dropped.next();
        }
        co_await turns(2);
    });
    EXPECT_TRUE(all.contains("<async_generator>"));
}

TEST(slow_callbacks, the_end_of_a_connection_is_named) {
    const names all = run_by([]() -> task<> {
        const auto serve = [](stream client) -> task<> { co_await client.read(1); };
        server of = co_await start_server(serve, "127.0.0.1", 0);
        const address at = of.addresses().front();
        {
            stream to = co_await open_connection(at);
            co_await to.write("x");
            co_await to.read(1);
        }
        of.close();
        co_await of.wait_closed();
    });
    EXPECT_TRUE(all.contains("<end of a connection>"));
}

TEST(slow_callbacks, what_comes_from_threads_is_named) {
    const names all = run_by([]() -> task<> {
        event_loop& loop = current_loop();
        const auto sleeps = []() -> task<> { co_await sleep(24h); };
        const auto ask = [&] {
            auto asked = run_coroutine_threadsafe(sleeps(), loop);
            std::this_thread::sleep_for(1ms);
            asked.cancel();
        };
        co_await to_thread(ask);
    });
    for (const char* name : {"<call in a thread>", "<concurrent_future>", "<cancel() of a concurrent_future>"}) {
        EXPECT_TRUE(all.contains(name)) << name;
    }
}

}  // namespace
