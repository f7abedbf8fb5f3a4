#include <fermata/python/detail/convert.hpp>

namespace fermata::inline v0::python::detail {

void raise_not_converted(const char* what, const std::string& wanted, PyObject* given) {
    PyErr_Clear();
    const char* type = given == Py_None ? "None" : Py_TYPE(given)->tp_name;
    throw type_error(std::string(what) + " must be " + wanted + ", not " + type);
}

}  // namespace fermata::inline v0::python::detail
