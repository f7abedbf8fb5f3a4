#pragma once

// The parts of the module `bridge`, which the tests in Python use.

#include <pybind11/pybind11.h>

namespace tests {

void bind_generators(pybind11::module_& module);
void bind_tasks(pybind11::module_& module);
void bind_exceptions(pybind11::module_& module);

}  // namespace tests
