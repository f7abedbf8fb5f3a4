#include <fermata/task/future.hpp>
#include <fermata/task/task_handle.hpp>

namespace fermata {

namespace detail {

void check_settable(const future_state& state, const char* operation) {
    if (state.is_task()) throw runtime_error(std::string("Task does not support ") + operation + " operation");
    if (state.done()) throw invalid_state_error("invalid state");
    if (event_loop* loop = state.context().loop()) loop->check_thread();
}

callback_handle when_done(future_state& state, shared<scheduled_call> call) {
    call->acquire();
    state.add_done_callback(*call.get());
    return callback_access::handle(std::move(call));
}

}  // namespace detail

}  // namespace fermata
