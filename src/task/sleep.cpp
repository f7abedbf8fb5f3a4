#include <fermata/base/errors.hpp>
#include <fermata/task/sleep.hpp>

namespace fermata::detail {

void raise_nan_delay() { throw value_error("Invalid delay: NaN (not a number)"); }

}  // namespace fermata::detail
