#include <fermata/base/errors.hpp>
#include <fermata/io/detail/io_awaiter.hpp>

namespace fermata::inline v0::detail {

void refuse_task(const endpoint& on) {
    if (!task_core::current()) throw runtime_error("no running event loop");
    if (on.is_orphan()) throw runtime_error("Event loop is closed");
    throw runtime_error("this stream belongs to another event loop");
}

}  // namespace fermata::inline v0::detail
