// The extension module of the Python package.

#include <fermata/async.hpp>
#include <fermata/iteration.hpp>
#include <fermata/python.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace py = pybind11;
using namespace fermata;

generator<std::optional<double>, double> averager() {
    double total = 0;
    double count = 0;
    std::optional<double> average;
    for (;;) {
        total += co_yield average;
        average = total / ++count;
    }
}

generator<std::string> lines_of(std::string path) { co_yield from(fermata::lines(path)); }

task<> sleep_in_cpp(double delay) { co_await sleep(std::chrono::nanoseconds(static_cast<std::int64_t>(delay * 1e9))); }

}  // namespace

PYBIND11_MODULE(_fermata, module) {
    module.doc() = "C++ generators and tasks";
    python::def_generator(module, "averager", &averager, "The average of what it has been sent.");
    python::def_generator(module, "lines", &lines_of, py::arg("path"),
                          "The lines of a file, as `for line in open(path)` gives them.");
    python::def_task(module, "sleep", &sleep_in_cpp, py::arg("delay"), "asyncio.sleep(delay), on the C++ loop.");
    module.attr("generator") = py::handle(reinterpret_cast<PyObject*>(python::detail::generator_type()));
    module.attr("coroutine") = py::handle(reinterpret_cast<PyObject*>(python::detail::coroutine_type()));
}
