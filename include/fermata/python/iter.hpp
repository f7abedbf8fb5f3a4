#pragma once

/// \file
/// Python's iterators and generators as C++ generators.

#include <fermata/generator/generator.hpp>
#include <fermata/python/detail/python_iterator.hpp>

namespace fermata::inline v0::python {

/// Python's `iter(x)`, for C++: anything that Python can loop over is a range of C++'s, and a delegate.
///
///     for (int n : python::iter<int>(numbers)) …
///     double last = co_yield from(python::iter<double, double, double>(averager));
///
/// What is sent and thrown in reaches a Python generator, close() closes it, and Return is its return value. As `yield
/// from` has it, what is sent to an iterator without `send` raises AttributeError, and what is thrown into one without
/// `throw` is raised where it was to be thrown in. Exceptions cross as to_exception and from_exception say.
///
/// Raises TypeError "'int' object is not iterable", at the call; type_error "an item must be int, not str" where an item
/// (or the return value) does not convert, and then Python's generator is dropped.
///
/// The call needs the GIL. A step takes it if it has to, and so it may be stepped and dropped by any thread; but where Yield,
/// Send or Return is a py::object, only with the GIL: elsewhere use `reference`.
template <class Yield = py::object, class Send = void, class Return = void>
generator<Yield, Send, Return> iter(const py::object& iterable) {
    return detail::iterated<Yield, Send, Return>(detail::python_iterator(iterable));
}

}  // namespace fermata::inline v0::python
