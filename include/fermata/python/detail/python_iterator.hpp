#pragma once

// Implementation of python/iter.hpp.

#include <fermata/generator/generator.hpp>
#include <fermata/generator/yield_from.hpp>
#include <fermata/python/detail/convert.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::python::detail {

/// Python's iterator protocol. With the GIL, but for moves and the end. Whatever Python raises, it throws.
class python_iterator {
public:
    /// `iter(iterable)`.
    explicit python_iterator(const py::object& iterable);

    /// True: `result` is what it yielded. False: what it returned.
    bool send(PyObject* value, py::object& result);
    bool throw_(const std::exception_ptr& exception, py::object& result);
    void close();

private:
    bool finished(py::object& result);
    reference iterator_;
};

template <class Yield, class Return>
class python_step {
public:
    template <class Call>
    explicit python_step(Call call) {
        const gil held;
        py::object result;
        if (call(result)) {
            yielded_.emplace(from_python<Yield>(result.ptr(), "an item"));
        } else if constexpr (!std::is_void_v<Return>) {
            returned_.emplace(from_python<Return>(result.ptr(), "the return value"));
        }
    }

    explicit operator bool() const noexcept { return yielded_.has_value(); }
    Yield& yielded() noexcept { return *yielded_; }
    Return returned() {
        if constexpr (!std::is_void_v<Return>) return std::move(*returned_);
    }

private:
    std::optional<Yield> yielded_;
    std::optional<std::conditional_t<std::is_void_v<Return>, bool, Return>> returned_;
};

template <class Received>
bool send_to(python_iterator& iterator, std::optional<Received>& received, py::object& result) {
    if constexpr (std::is_same_v<Received, void*>) {
        return iterator.send(Py_None, result);
    } else {
        const auto sent = py::reinterpret_steal<py::object>(to_python(std::move(*received)));
        return iterator.send(sent.ptr(), result);
    }
}

// `yield from` by hand, as PEP 380 writes it.
template <class Yield, class Send, class Return>
generator<Yield, Send, Return> iterated(python_iterator iterator) {
    static_assert(!std::is_reference_v<Yield>, "fermata: what a Python iterator yields is converted, and is a value");
    using step = python_step<Yield, Return>;
    using received_type = std::conditional_t<std::is_void_v<Send>, void*, std::remove_cvref_t<Send>>;
    std::optional<step> now;
    now.emplace([&](py::object& result) { return iterator.send(Py_None, result); });
    while (*now) {
        std::exception_ptr thrown;
        std::optional<received_type> received;
        try {
            if constexpr (std::is_void_v<Send>) {
                co_yield std::move(now->yielded());
            } else {
                Send value = co_yield std::move(now->yielded());
                received.emplace(static_cast<Send&&>(value));
            }
        } catch (...) {
            thrown = std::current_exception();
        }
        if (fermata::detail::holds<generator_exit>(thrown)) {
            iterator.close();
            std::rethrow_exception(thrown);
        }
        if (thrown) {
            now.emplace([&](py::object& result) { return iterator.throw_(thrown, result); });
        } else {
            now.emplace([&](py::object& result) { return send_to(iterator, received, result); });
        }
    }
    if constexpr (!std::is_void_v<Return>) co_return now->returned();
}

}  // namespace fermata::inline v0::python::detail
