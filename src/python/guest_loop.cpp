#include <fermata/python/detail/guest_loop.hpp>

#include <fermata/python/detail/bound_task.hpp>
#include <fermata/task/task_handle.hpp>
#include <fermata/task/wait.hpp>

#include <map>
#include <utility>
#include <vector>

namespace fermata::inline v0::python::detail {

namespace {

using guests = std::map<PyObject*, std::shared_ptr<guest_loop>>;

// By asyncio's loop. Never destroyed: at the end of the process Python is gone before this would be.
guests& all_guests() {
    static auto* all = new guests();
    return *all;
}

// asyncio.run() closes the asynchronous generators that are left before it closes its loop. So does this one learn of
// the loop's end, in time to wait for the tasks that are left.
constexpr const char* guard_source = R"(
async def guard(end_all_tasks, close):
    try:
        yield
    finally:
        await end_all_tasks()
        close()

def start(end_all_tasks, close):
    started = guard(end_all_tasks, close)
    try:
        started.asend(None).send(None)
    except StopIteration:
        return started
)";

py::object start_of_guard() {
    static PyObject* start = [] {
        py::dict scope;
        scope["__builtins__"] = py::module_::import("builtins");
        scope["__name__"] = "fermata";
        const auto ran =
            py::reinterpret_steal<py::object>(PyRun_String(guard_source, Py_file_input, scope.ptr(), scope.ptr()));
        if (!ran) throw py::error_already_set();
        return py::object(scope["start"]).release().ptr();
    }();
    return py::reinterpret_borrow<py::object>(start);
}

void tell_asyncio(const py::object& host, const error_context& error) {
    py::dict context;
    context["message"] = error.source.empty() ? error.message : error.message + " " + error.source;
    if (error.exception) context["exception"] = from_exception(error.exception);
    host.attr("call_exception_handler")(context);
}

}  // namespace

std::shared_ptr<guest_loop> guest_loop::of_running_asyncio() {
    static PyObject* get = py::object(py::module_::import("asyncio").attr("get_running_loop")).release().ptr();
    const py::object host = py::handle(get)();
    std::shared_ptr<guest_loop>& guest = all_guests()[host.ptr()];
    if (!guest) {
        guest = std::make_shared<guest_loop>(host);
        guest->attach();
    }
    return guest;
}

std::shared_ptr<guest_loop> guest_loop::of_current_loop() {
    event_loop& loop = current_loop();
    for (auto& [host, guest] : all_guests()) {
        if (&guest->loop() == &loop) return guest;
    }
    throw runtime_error(
        "what Python awaits can be awaited only in a task that asyncio awaits: this loop is not its guest");
}

guest_loop::guest_loop(const py::object& host)
    : host_(host, py::cpp_function([key = host.ptr()](const py::object&) { all_guests().erase(key); })),
      context_(py::module_::import("contextvars").attr("Context")()) {
    loop_.ignore_interrupts();  // a task hands it to who awaits it in Python, and that leaves asyncio's loop
    loop_.set_debug(host.attr("get_debug")().cast<bool>());
    loop_.set_exception_handler([this](event_loop&, const error_context& error) { tell_asyncio(host_(), error); });
}

void guest_loop::attach() {
    const std::weak_ptr<guest_loop> weak = weak_from_this();
    const auto calling = [&](void (*first)(guest_loop&)) {
        return py::cpp_function([weak, first] {
            const auto self = weak.lock();
            if (!self) return;
            first(*self);
            self->run();
        });
    };
    run_soon_ = calling([](guest_loop& self) { self.soon_ = {}; });
    run_timer_ = calling([](guest_loop& self) { self.timer_ = {}; });
    context_.attr("run")(host().attr("add_reader"), loop_.descriptor(), calling([](guest_loop&) {}));
    const auto end_all = [weak] {
        const auto self = weak.lock();
        return make_coroutine_object(bind_task([self] { return self->end_all_tasks(); }),
                                     function_info::unnamed("end_all_tasks"));
    };
    const auto end = [weak] {
        if (const auto self = weak.lock()) self->close();
    };
    guard_ = start_of_guard()(py::cpp_function(end_all), py::cpp_function(end));
}

void guest_loop::run() {
    // A step that Python takes in the middle of a turn: there is more of that turn to come.
    if (loop_.is_running()) return;
    const auto self = shared_from_this();
    // A task's end takes a few turns to arrive: not each of them has to wait for asyncio's next.
    for (int turns = 0; turns < 8; ++turns) {
        loop_.run_ready();
        if (loop_.time_to_wait() != std::chrono::nanoseconds(0)) break;
    }
    arm();
}

void guest_loop::arm() {
    if (loop_.is_running() || loop_.is_closed()) return;
    const auto timeout = loop_.time_to_wait();
    if (!timeout) return;
    if (*timeout > std::chrono::nanoseconds(0)) return arm_timer(*timeout);
    if (soon_) return;
    soon_ = host().attr("call_soon")(run_soon_, py::arg("context") = context_);
}

void guest_loop::arm_timer(std::chrono::nanoseconds timeout) {
    const auto due = loop_.time_after(timeout);
    // One that is due earlier asks again what there is to wait for.
    if (timer_ && timer_due_ <= due) return;
    if (timer_) timer_.attr("cancel")();
    const double seconds = std::chrono::duration<double>(timeout).count();
    timer_ = host().attr("call_later")(seconds, run_timer_, py::arg("context") = context_);
    timer_due_ = due;
}

// What they create as they end is ended, too.
task<> guest_loop::end_all_tasks() {
    for (;;) {
        std::vector<any_task> left;
        for (any_task& each : all_tasks()) {
            if (each != current_task()) left.push_back(std::move(each));
        }
        if (left.empty()) co_return;
        for (any_task& each : left) each.cancel();
        co_await wait(left);
    }
}

void guest_loop::close() {
    const auto self = shared_from_this();
    const py::object host = this->host();
    host.attr("remove_reader")(loop_.descriptor());
    for (py::object* each : {&soon_, &timer_}) {
        if (*each) each->attr("cancel")();
        *each = {};
    }
    all_guests().erase(host.ptr());
    {
        // It waits for the threads that tasks have started.
        const py::gil_scoped_release released;
        loop_.shut_down_extensions();
    }
    loop_.close();
}

}  // namespace fermata::inline v0::python::detail
