#include <fermata/loop/event_loop.hpp>
#include <fermata/loop/instrument.hpp>

namespace fermata::inline v0::trace {

// What derives from it is gone by now, and is told nothing more.
instrument::~instrument() {
    if (loop_) loop_->set_instrument(nullptr);
}

void instrument::task_created(const task_view& /*task*/) noexcept {}
void instrument::task_woken(const task_view& /*task*/, waker /*how*/, const task_view* /*by*/) noexcept {}
void instrument::task_resumed(const task_view& /*task*/) noexcept {}
void instrument::task_suspended(const task_view& /*task*/) noexcept {}
void instrument::task_cancelled(const task_view& /*task*/, const task_view* /*by*/) noexcept {}
void instrument::task_finished(const task_view& /*task*/, ending /*how*/) noexcept {}
void instrument::loop_waits(event_loop& /*loop*/) noexcept {}
void instrument::loop_goes_on(event_loop& /*loop*/) noexcept {}
void instrument::attached(event_loop& /*loop*/) noexcept {}
void instrument::detached(event_loop& /*loop*/) noexcept {}

}  // namespace fermata::inline v0::trace
