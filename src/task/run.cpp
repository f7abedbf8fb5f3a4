#include <fermata/task/run.hpp>

namespace fermata::inline v0::detail {

void check_that_no_loop_runs() {
    if (current_loop_or_null()) throw runtime_error("fermata::run() cannot be called from a running event loop");
}

}  // namespace fermata::inline v0::detail
