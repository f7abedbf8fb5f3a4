// Tasks that asyncio awaits, and that await Python.

#include "modules.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>
#include <fermata/python.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace tests {

namespace {

using namespace fermata;
using namespace std::chrono_literals;
namespace py = pybind11;

task<int> doubles(int n) { co_return 2 * n; }

// [sleeps]
task<std::string> sleeps(double seconds, std::string result) {
    co_await sleep(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds)));
    co_return result;
}
// [sleeps]

task<> raises(std::string text) {
    co_await sleep(0s);
    throw value_error(text);
}

// Notes what becomes of it.
task<int> waits_for_ever(py::object log) {
    log.attr("append")("started");
    try {
        co_await sleep(1h);
    } catch (const cancelled_error&) {
        log.attr("append")("cancelled");
        throw;
    }
    co_return 0;
}

task<int> cleans_up_slowly(py::object log) {
    bool cancelled = false;
    try {
        co_await sleep(1h);
    } catch (const cancelled_error&) {
        cancelled = true;
    }
    co_await sleep(1ms);
    log.attr("append")("cleaned up");
    if (cancelled) throw cancelled_error();
    co_return 0;
}

task<std::string> swallows_cancellation() {
    try {
        co_await sleep(1h);
    } catch (const cancelled_error&) {
    }
    co_return "went on";
}

task<> leaves_a_task(py::object log) {
    create_task(waits_for_ever(log));
    co_return;
}

task<> raises_with_nobody_to_see() {
    create_task(raises("unseen"), {.name = "lost"});
    co_await sleep(1ms);
}

task<std::size_t> length_of(const std::string& text) {
    co_await sleep(0s);
    co_return text.size();
}

task<py::object> awaits(py::object awaitable) {
    auto result = co_await python::awaited(awaitable);
    co_return result;
}

task<int> awaits_a_number(py::object awaitable) {
    const int number = co_await python::awaited<int>(awaitable);
    co_return number;
}

// [awaits]
task<std::string> awaits_and_catches(py::object awaitable) {
    std::string caught;
    try {
        co_await python::awaited<void>(awaitable);
    } catch (const value_error& e) {
        caught = e.what();
    }
    co_return "caught " + caught;
}
// [awaits]

task<py::object> awaits_for(double seconds, py::object awaitable) {
    const auto limit = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds));
    auto result = co_await wait_for(python::awaited(awaitable), limit);
    co_return result;
}

task<int> computes_in_a_thread(int n) {
    const int result = co_await to_thread([n] { return n * n; });
    co_return result;
}

task<std::string> sends_over_a_pipe(std::string text) {
    std::pair<stream, stream> ends = open_pipe();
    auto writing = create_task([](stream end, std::string data) -> task<> {
        co_await sleep(1ms);
        co_await end.write(data);
        end.close();
    }(std::move(ends.second), text));
    std::string got = co_await ends.first.read();
    co_await writing;
    co_return got;
}

task<int> sleeps_without_the_gil(int milliseconds) {
    co_await sleep(std::chrono::milliseconds(milliseconds));
    co_return PyGILState_Check();
}

}  // namespace

void bind_tasks(py::module_& module) {
    using fermata::python::def_task;
    def_task(module, "doubles", &doubles, py::arg("n"));
    // [bind]
    def_task(module, "sleeps", &sleeps);
    // [bind]
    def_task(module, "raises", &raises);
    def_task(module, "waits_for_ever", &waits_for_ever);
    def_task(module, "cleans_up_slowly", &cleans_up_slowly);
    def_task(module, "swallows_cancellation", &swallows_cancellation);
    def_task(module, "leaves_a_task", &leaves_a_task);
    def_task(module, "raises_with_nobody_to_see", &raises_with_nobody_to_see);
    def_task(module, "length_of", &length_of);
    def_task(module, "awaits", &awaits);
    def_task(module, "awaits_a_number", &awaits_a_number);
    def_task(module, "awaits_and_catches", &awaits_and_catches);
    def_task(module, "awaits_for", &awaits_for);
    def_task(module, "computes_in_a_thread", &computes_in_a_thread);
    def_task(module, "sends_over_a_pipe", &sends_over_a_pipe);
    module.def("run_without_asyncio",
               [](int milliseconds) { return fermata::python::run(sleeps_without_the_gil(milliseconds)); });
    module.def("awaits_without_asyncio",
               [](py::object awaitable) { return fermata::python::run(awaits(std::move(awaitable))); });
    module.def("unbound_task", [] { return doubles(21); });
}

}  // namespace tests
