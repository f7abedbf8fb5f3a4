// The generators of generators.py, in C++: the same names, the same behaviour.

#include "modules.hpp"

#include <fermata/generator.hpp>
#include <fermata/python.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace tests {

namespace {

using namespace fermata;
namespace py = pybind11;

struct thing {
    int number;
    explicit thing(int of) : number(of) {}
};

generator<int, void, std::string> countdown(int n) {
    while (n > 0) co_yield n--;
    co_return "liftoff";
}

generator<int> nothing() { co_return; }

// [averager]
generator<std::optional<double>, double, double> averager() {
    double total = 0;
    int count = 0;
    std::optional<double> average;
    while (count < 3) {
        total += co_yield average;
        ++count;
        average = total / count;
    }
    co_return *average;
}
// [averager]

generator<py::object, py::object, py::object> echo() {
    py::object received = py::none();
    for (;;) {
        received = co_yield received;
        if (py::isinstance<py::str>(received) && received.equal(py::str("stop"))) break;
    }
    co_return received;
}

generator<std::string> catcher() {
    std::string text = "ready";
    for (;;) {
        try {
            co_yield text;
            text = "next";
        } catch (const value_error& e) {
            text = std::string("caught ") + e.what();
        }
    }
}

generator<std::string, void, int> catches_once() {
    bool caught = false;
    try {
        co_yield "ready";
    } catch (const value_error&) {
        caught = true;
    }
    co_return caught ? 42 : 0;
}

class noting {
public:
    noting(py::object log, const char* text) : log_(std::move(log)), text_(text) {}
    noting(const noting&) = delete;
    noting& operator=(const noting&) = delete;
    ~noting() { log_.attr("append")(text_); }

private:
    py::object log_;
    const char* text_;
};

generator<int> cleans_up(py::object log) {
    const noting at_the_end(log, "cleaned up");
    log.attr("append")("started");
    co_yield 1;
    co_yield 2;
    log.attr("append")("ended");
}

generator<int> sees_exit(py::object log) {
    try {
        co_yield 1;
    } catch (const generator_exit&) {
        log.attr("append")("exit");
        throw;
    }
}

generator<int, void, int> returns_at_exit() {
    try {
        co_yield 1;
    } catch (const generator_exit&) {
    }
    co_return 42;
}

generator<std::string> ignores_exit() {
    bool exit = false;
    try {
        co_yield "first";
    } catch (const generator_exit&) {
        exit = true;
    }
    if (exit) co_yield "ignored";
    co_yield "last";
}

generator<int> raises_at_exit() {
    try {
        co_yield 1;
    } catch (const generator_exit&) {
        throw value_error("from close");
    }
}

generator<int> raises_value_error() {
    co_yield 1;
    throw value_error("from the body");
}

generator<int> raises_stop_iteration() {
    co_yield 1;
    throw stop_iteration(7);
}

generator<int> calls(py::object f) {
    f();
    co_yield 1;
    f();
    co_yield 2;
}

// [delegates]
generator<py::object, py::object, py::object> delegates(py::object inner) {
    py::object result = co_yield from(python::iter<py::object, py::object, py::object>(inner));
    co_yield py::make_tuple("inner gave", result);
    co_return py::str("outer done");
}
// [delegates]

generator<std::string> catches_from_inner(py::object inner) {
    std::string caught;
    try {
        co_yield from(python::iter<std::string>(inner));
    } catch (const value_error& e) {
        caught = e.what();
    }
    co_yield "caught " + caught;
}

generator<py::object> holds(const py::object& held) {
    for (;;) co_yield held;
}

generator<std::shared_ptr<thing>> things(int n) {
    for (int i = 0; i < n; ++i) co_yield std::make_shared<thing>(i);
}

}  // namespace

void bind_generators(py::module_& module) {
    using fermata::python::def_generator;
    py::class_<thing, std::shared_ptr<thing>>(module, "Thing").def_readonly("number", &thing::number);
    def_generator(module, "countdown", &countdown, py::arg("n"));
    def_generator(module, "nothing", &nothing);
    // [bind]
    def_generator(module, "averager", &averager);
    // [bind]
    def_generator(module, "echo", &echo);
    def_generator(module, "catcher", &catcher);
    def_generator(module, "catches_once", &catches_once);
    def_generator(module, "cleans_up", &cleans_up);
    def_generator(module, "sees_exit", &sees_exit);
    def_generator(module, "returns_at_exit", &returns_at_exit);
    def_generator(module, "ignores_exit", &ignores_exit);
    def_generator(module, "raises_at_exit", &raises_at_exit);
    def_generator(module, "raises_value_error", &raises_value_error);
    def_generator(module, "raises_stop_iteration", &raises_stop_iteration);
    def_generator(module, "calls", &calls);
    def_generator(module, "delegates", &delegates);
    def_generator(module, "catches_from_inner", &catches_from_inner);
    def_generator(module, "holds", &holds);
    def_generator(module, "things", &things);
}

}  // namespace tests
