#pragma once

/// \file
/// What cancellation raises.

#include <fermata/base/errors.hpp>

namespace fermata::inline v0 {

/// Python's `asyncio.CancelledError`: raised at the await where a task is cancelled. Catch it by its name to clean up,
/// and rethrow it. Not a std::exception, as it is no `Exception` in Python.
class cancelled_error {
public:
    const char* what() const noexcept { return "CancelledError"; }
};

/// Python's `asyncio.InvalidStateError`: a future is asked for what it does not have, or given a second result.
class invalid_state_error : public error {
public:
    using error::error;
};

}  // namespace fermata::inline v0
