#include <fermata/base/errors.hpp>
#include <fermata/task/sleep.hpp>

namespace fermata::inline v0::detail {

void raise_nan_delay() { throw value_error("Invalid delay: NaN (not a number)"); }

}  // namespace fermata::inline v0::detail
