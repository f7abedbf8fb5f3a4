#include <fermata/base/errors.hpp>
#include <fermata/task/sleep.hpp>

namespace fermata::detail {

task_core& task_that_sleeps() {
    if (!current_step) throw runtime_error("no running event loop");
    return *current_step->task;
}

void raise_nan_delay() { throw value_error("Invalid delay: NaN (not a number)"); }

}  // namespace fermata::detail
