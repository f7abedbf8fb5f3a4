#include <fermata/task/future.hpp>
#include <fermata/task/task_handle.hpp>

namespace fermata::inline v0 {

namespace detail {

event_loop& loop_of(const future_state& state) {
    event_loop* const loop = state.context().loop();
    if (!loop) throw runtime_error("Event loop is closed");
    return *loop;
}

void check_settable(const future_state& state, const char* operation) {
    if (state.is_task() || state.is_shield()) {
        throw runtime_error((state.is_task() ? "Task" : "shield") + std::string(" does not support ") + operation +
                            " operation");
    }
    if (state.done()) throw invalid_state_error("invalid state");
    if (event_loop* loop = state.context().loop()) loop->check_thread();
}

std::exception_ptr settable(std::exception_ptr exception) {
    if (!exception) throw type_error("invalid exception object");
    try {
        std::rethrow_exception(exception);
    } catch (const stop_iteration&) {
        try {
            std::throw_with_nested(
                runtime_error("StopIteration interacts badly with generators and cannot be raised into a Future"));
        } catch (...) {
            return std::current_exception();
        }
    } catch (...) {
        return exception;
    }
}

callback_handle when_done(future_state& state, shared<scheduled_call> call) {
    call->acquire();
    state.add_done_callback(*call.get());
    return callback_access::handle(std::move(call));
}

}  // namespace detail

}  // namespace fermata::inline v0
