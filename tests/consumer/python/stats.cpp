// An extension module of a user's own.
#include <chrono>
#include <fermata/async.hpp>
#include <fermata/python.hpp>
#include <optional>

namespace {

using namespace std::chrono_literals;

fermata::generator<std::optional<double>, std::optional<double>, double> averager() {
    double total = 0;
    double average = 0;
    std::optional<double> value = co_yield std::nullopt;
    for (int count = 1; value; ++count) {
        total += *value;
        average = total / count;
        value = co_yield average;
    }
    co_return average;
}

fermata::task<int> twice(int number) {
    co_await fermata::sleep(1ms);
    co_return 2 * number;
}

fermata::task<> an_hour() { co_await fermata::sleep(1h); }

fermata::task<> too_late() { co_await fermata::wait_for(an_hour(), 1ms); }

}  // namespace

PYBIND11_MODULE(stats, module) {
    fermata::python::def_generator(module, "averager", &averager);
    fermata::python::def_task(module, "twice", &twice);
    fermata::python::def_task(module, "too_late", &too_late);
}
