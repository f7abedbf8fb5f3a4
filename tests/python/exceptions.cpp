// Exceptions on their way.

#include "modules.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>
#include <fermata/python.hpp>

#include <netdb.h>

#include <cerrno>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace tests {

namespace {

using namespace fermata;
namespace py = pybind11;

class derived_error : public value_error {
public:
    using value_error::value_error;
};

template <class Error, class... Arguments>
std::exception_ptr made(Arguments&&... arguments) {
    return std::make_exception_ptr(Error(std::forward<Arguments>(arguments)...));
}

std::exception_ptr nested() {
    try {
        try {
            throw value_error("inner");
        } catch (...) {
            std::throw_with_nested(runtime_error("outer"));
        }
    } catch (...) {
        return std::current_exception();
    }
}

std::exception_ptr group() {
    std::vector<std::exception_ptr> exceptions;
    exceptions.push_back(made<value_error>("one"));
    exceptions.push_back(made<std::out_of_range>("two"));
    return made<exception_group>("several", std::move(exceptions));
}

std::exception_ptr named(const std::string& name) {
    const std::map<std::string, std::exception_ptr> all = {
        {"value_error", made<value_error>("v")},
        {"type_error", made<type_error>("t")},
        {"index_error", made<index_error>("i")},
        {"lookup_error", made<lookup_error>("l")},
        {"runtime_error", made<runtime_error>("r")},
        {"error", made<error>("e")},
        {"derived_error", made<derived_error>("d")},
        {"generator_exit", made<generator_exit>()},
        {"keyboard_interrupt", made<keyboard_interrupt>()},
        {"cancelled_error", made<cancelled_error>()},
        {"timeout_error", made<timeout_error>("late")},
        {"invalid_state_error", made<invalid_state_error>("invalid state")},
        {"stop_iteration", made<stop_iteration>()},
        {"stop_iteration of 7", made<stop_iteration>(7)},
        {"stop_iteration of text", made<stop_iteration>(std::string("text"))},
        {"stop_async_iteration", made<stop_async_iteration>()},
        {"queue_empty", made<queue_empty>()},
        {"queue_full", made<queue_full>()},
        {"queue_shutdown", made<queue_shutdown>("shut down")},
        {"broken_barrier_error", made<broken_barrier_error>("Barrier aborted")},
        {"incomplete_read_error", made<incomplete_read_error>("abc", std::size_t{5})},
        {"limit_overrun_error", made<limit_overrun_error>("too long", std::size_t{3})},
        {"gaierror", made<gaierror>(EAI_NONAME, "nowhere: unknown")},
        {"unsupported_operation", made<unsupported_operation>("not writable")},
        {"system_error", made<std::system_error>(ECONNRESET, std::generic_category(), "read")},
        {"std::out_of_range", made<std::out_of_range>("o")},
        {"std::invalid_argument", made<std::invalid_argument>("a")},
        {"std::runtime_error", made<std::runtime_error>("s")},
        {"std::bad_alloc", made<std::bad_alloc>()},
        {"nested", nested()},
        {"group", group()},
    };
    return all.at(name);
}

// The class that a handler in C++ catches it as.
std::string caught_as(const py::object& exception) {
    try {
        std::rethrow_exception(python::to_exception(exception));
    } catch (const exception_group& e) {
        return std::string("exception_group: ") + e.what();
    } catch (const std::system_error& e) {
        return std::string("std::system_error: ") + e.what();
    } catch (const value_error& e) {
        return std::string("value_error: ") + e.what();
    } catch (const type_error& e) {
        return std::string("type_error: ") + e.what();
    } catch (const index_error& e) {
        return std::string("index_error: ") + e.what();
    } catch (const runtime_error& e) {
        return std::string("runtime_error: ") + e.what();
    } catch (const timeout_error& e) {
        return std::string("timeout_error: ") + e.what();
    } catch (const invalid_state_error& e) {
        return std::string("invalid_state_error: ") + e.what();
    } catch (const generator_exit&) {
        return "generator_exit";
    } catch (const keyboard_interrupt&) {
        return "keyboard_interrupt";
    } catch (const cancelled_error&) {
        return "cancelled_error";
    } catch (const stop_iteration& e) {
        return "stop_iteration: " +
               (e.has_value() ? py::str(e.value<python::reference>().get()).cast<std::string>() : "");
    } catch (const python::error& e) {
        return "python::error: " + py::str(e.value()).cast<std::string>();
    }
}

}  // namespace

void bind_exceptions(py::module_& module) {
    module.def("raise_in_cpp", [](const std::string& name) { std::rethrow_exception(named(name)); });
    module.def("caught_as", &caught_as);
    module.def("through_cpp", [](const py::object& e) { return python::from_exception(python::to_exception(e)); });
    module.def("call_through_cpp", [](const py::function& f) { f(); });
    python::def_generator(module, "items",
                          [](py::object iterable) -> generator<int> { co_yield from(python::iter<int>(iterable)); });
    // [total]
    module.def("total", [](generator<int> numbers) {
        int sum = 0;
        for (const int n : numbers) sum += n;
        return sum;
    });
    // [total]
    module.def("unbound_generator", [](int n) -> generator<int> {
        return [](int last) -> generator<int> {
            for (int i = 0; i < last; ++i) co_yield i;
        }(n);
    });
    python::def_generator(module, "without_the_gil", python::without_gil{[](int n) -> generator<bool> {
                              for (int i = 0; i < n; ++i) co_yield PyGILState_Check() != 0;
                          }});
    python::def_generator(module, "characters", [](const std::string& text, std::string_view more) -> generator<char> {
        for (const char c : text) co_yield c;
        for (const char c : more) co_yield c;
    });
    python::def_generator(module, "python_objects", [](const py::list& list) -> generator<py::object> {
        for (const py::handle each : list) co_yield py::reinterpret_borrow<py::object>(each);
    });
}

}  // namespace tests
