#pragma once

// Who says what goes wrong with an operation, and the backend that has it go wrong.

#include <fermata/io/detail/backend.hpp>
#include <fermata/io/detail/operation.hpp>

#include <cstddef>
#include <memory>

namespace fermata::inline v0::detail {

/// Asked once in each step of the life of an operation.
class fault_plan {
public:
    virtual ~fault_plan() = default;
    /// It has been submitted: in how many turns it begins.
    virtual unsigned delay(const operation& o) noexcept = 0;
    /// It is to begin: 0, or -errno, with which it ends instead.
    virtual int failure(const operation& o) noexcept = 0;
    /// How many bytes it moves at once, at most.
    virtual std::size_t most_bytes(const operation& o) noexcept = 0;
    /// It is done: in how many turns that is told.
    virtual unsigned hold(const operation& o) noexcept = 0;
};

/// The backend that the loop would have, under that plan. To be set before the loop's first I/O.
std::unique_ptr<backend> make_faulty_backend(event_loop& loop, std::shared_ptr<fault_plan> plan);

}  // namespace fermata::inline v0::detail
