#include <fermata/python/detail/function_info.hpp>

#include <frameobject.h>

#include <map>

namespace fermata::inline v0::python::detail {

std::shared_ptr<const function_info> function_info::make(const function_name& name, py::handle scope) {
    auto info = std::make_shared<function_info>();
    info->name = py::str(name.text());
    const bool in_class = scope && PyType_Check(scope.ptr());
    info->qualname =
        in_class ? py::object(py::str("{}.{}").format(scope.attr("__qualname__"), name.text())) : info->name;
    info->code = py::reinterpret_steal<py::object>(reinterpret_cast<PyObject*>(
        PyCode_NewEmpty(name.at().file_name(), name.text(), static_cast<int>(name.at().line()))));
    py::dict globals;
    globals["__builtins__"] = py::module_::import("builtins");
    globals["__name__"] = scope ? py::getattr(scope, in_class ? "__module__" : "__name__") : py::str("fermata");
    info->globals = globals;
    return info;
}

const std::shared_ptr<const function_info>& function_info::unnamed(const char* name) {
    // Never destroyed: at the end of the process Python is gone before this would be.
    static auto* made = new std::map<std::string, std::shared_ptr<const function_info>>();
    auto& info = (*made)[name];
    if (!info) info = make(function_name(name), {});
    return info;
}

PyObject* function_info::make_frame() const noexcept {
    return reinterpret_cast<PyObject*>(
        PyFrame_New(PyThreadState_Get(), reinterpret_cast<PyCodeObject*>(code.ptr()), globals.ptr(), nullptr));
}

void function_info::add_to_traceback() const noexcept {
    PyObject* type = nullptr;
    PyObject* value = nullptr;
    PyObject* traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject* frame = make_frame();
    if (!frame) PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    if (frame) PyTraceBack_Here(reinterpret_cast<PyFrameObject*>(frame));
    Py_XDECREF(frame);
}

}  // namespace fermata::inline v0::python::detail
