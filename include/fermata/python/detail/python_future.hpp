#pragma once

// Implementation of python/awaited.hpp.

#include <fermata/python/detail/guest_loop.hpp>
#include <fermata/task/future.hpp>
#include <fermata/task/task.hpp>

#include <memory>

namespace fermata::inline v0::python::detail {

/// A future of asyncio's, for which a C++ task waits.
class python_future {
public:
    /// Hands the awaitable to asyncio. In a task. Raises runtime_error where the loop is no guest of asyncio's.
    explicit python_future(const reference& awaitable);

    /// Until it is done. Cancelled, it cancels the future, and goes on waiting for what comes of that.
    static task<> wait(std::shared_ptr<python_future> future);

    /// When it is done. Raises what it raised. With the GIL.
    py::object result() const;

private:
    /// False: it was done already.
    bool cancel() const;
    void wake() noexcept;

    std::weak_ptr<guest_loop> guest_;  // it may go with its tasks
    reference future_;
    future<> woken_;
    bool done_ = false;
};

}  // namespace fermata::inline v0::python::detail
