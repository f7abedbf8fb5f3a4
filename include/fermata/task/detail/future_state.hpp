#pragma once

// What a task can wait for, and Python's Future without its type.

#include <fermata/base/errors.hpp>
#include <fermata/base/intrusive_list.hpp>
#include <fermata/loop/callback.hpp>
#include <fermata/loop/event_loop.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>

namespace fermata::detail {

/// What a suspended task waits for.
class awaited {
public:
    /// Asks it to end early. True if it will: the task is then woken, and finds it cancelled.
    virtual bool cancel() noexcept = 0;

protected:
    awaited() = default;
    ~awaited() = default;
};

/// Counts its owners; not thread-safe. The last one to go calls destroy().
class counted {
public:
    void acquire() noexcept { ++owners_; }
    void release() noexcept {
        if (--owners_ == 0) destroy();
    }
    /// Whether somebody else holds it too.
    bool is_shared() const noexcept { return owners_ > 1; }

protected:
    counted() = default;
    ~counted() = default;
    virtual void destroy() noexcept = 0;

private:
    std::uint32_t owners_ = 1;
};

/// Shares a counted object.
template <class Object>
class reference {
public:
    reference() = default;
    static reference adopt(Object& object) noexcept { return reference(&object); }
    static reference share(Object& object) noexcept {
        object.acquire();
        return reference(&object);
    }
    reference(const reference& other) noexcept : object_(other.object_) {
        if (object_) object_->acquire();
    }
    reference(reference&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    /// As a reference to a base of it.
    template <class Derived>
        requires(!std::is_same_v<Derived, Object> && std::is_base_of_v<Object, Derived>)
    explicit reference(reference<Derived>&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    reference& operator=(reference other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~reference() {
        if (object_) object_->release();
    }

    Object* get() const noexcept { return object_; }
    Object& operator*() const noexcept { return *object_; }
    Object* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }

private:
    template <class>
    friend class reference;
    explicit reference(Object* object) noexcept : object_(object) {}
    Object* object_ = nullptr;
};

/// Python's Future, but for its result: pending, then cancelled or finished. Who waits for it is scheduled when it is
/// done, in the order in which they came, as CPython's callbacks are.
class future_state : public awaited, public counted {
public:
    future_state(const future_state&) = delete;
    future_state& operator=(const future_state&) = delete;

    event_loop& loop() const noexcept { return loop_; }
    bool done() const noexcept { return status_ != status::pending; }
    bool cancelled() const noexcept { return status_ == status::cancelled; }

    bool cancel() noexcept override;
    /// Raise invalid_state_error "invalid state" if it is done already.
    void finish();
    void fail(std::exception_ptr exception);
    /// Its exception, if it has one, is not reported as unseen.
    void mark_seen() noexcept { seen_ = true; }

    /// Whether awaiting it must leave the result where it is: others may still ask for it.
    virtual bool result_is_shared() const noexcept { return is_shared(); }
    /// A future of the user's own, which may be given a result; a Task gives itself its own.
    virtual bool is_task() const noexcept { return false; }
    /// For error messages: "<Future pending>".
    std::string describe_future() const;

    /// Schedules c when it is done: at once, if it is. Unlinked, c is removed.
    void add_done_callback(callback& c) noexcept;

    /// Raises what there is instead of a result: cancelled_error, the exception, or invalid_state_error "Result is not
    /// set.".
    void check_result();
    /// Null if it finished well. Raises cancelled_error, or invalid_state_error "Exception is not set.".
    std::exception_ptr exception();

protected:
    explicit future_state(event_loop& loop) noexcept : loop_(loop) {}
    ~future_state();

    /// An exception that nobody has asked for is reported as the future goes. To be asked first: describing costs more
    /// than all the rest.
    bool has_unseen_exception() const noexcept { return exception_ && !seen_ && !loop_.is_closed(); }
    void report_unseen_exception(const char* message, const std::string& source) noexcept;

private:
    enum class status : std::uint8_t { pending, cancelled, finished };
    void settle(status as) noexcept;

    event_loop& loop_;
    intrusive_list<callback> waiting_;
    std::exception_ptr exception_;
    status status_ = status::pending;
    bool seen_ = false;
};

}  // namespace fermata::detail
