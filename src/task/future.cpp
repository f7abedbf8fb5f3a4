#include <fermata/task/future.hpp>
#include <fermata/task/task_handle.hpp>

#include <exception>
#include <typeinfo>

namespace fermata {

namespace detail {

void check_settable(const future_state& state, const char* operation) {
    if (state.is_task()) throw runtime_error(std::string("Task does not support ") + operation + " operation");
    if (state.done()) throw invalid_state_error("invalid state");
}

std::exception_ptr exception_to_set(std::exception_ptr given) {
    const std::type_info* const type = given ? given.__cxa_exception_type() : nullptr;
    if (!type || *type != typeid(stop_iteration)) return given;
    try {
        std::rethrow_exception(given);
    } catch (const stop_iteration&) {
        try {
            std::throw_with_nested(
                runtime_error("StopIteration interacts badly with generators and cannot be raised into a Future"));
        } catch (...) {
            return std::current_exception();
        }
    }
}

callback_handle when_done(future_state& state, shared<scheduled_call> call) {
    call->acquire();
    state.add_done_callback(*call.get());
    return callback_access::handle(std::move(call));
}

}  // namespace detail

}  // namespace fermata
