#pragma once

/// \file
/// Python's exceptions. Those that derive from `Exception` in Python derive from std::exception here (through
/// fermata::error); generator_exit and keyboard_interrupt do not, as in Python: `catch (const std::exception&)` lets them pass.
/// All can be copied without throwing, and from any thread.

#include <fermata/base/detail/shared.hpp>

#include <cstring>
#include <exception>
#include <typeinfo>
#include <utility>

namespace fermata::inline v0 {

namespace detail {

class message_text final : public shared_object {
public:
    explicit message_text(const char* text) : text_(new char[std::strlen(text) + 1]) { std::strcpy(text_, text); }
    ~message_text() override { delete[] text_; }
    const char* text() const noexcept { return text_; }

private:
    char* text_;
};

template <class Text>
concept string_like = requires(const Text& text) { static_cast<const char*>(text.c_str()); };

}  // namespace detail

/// The base of the errors below: Python's `Exception`. Derive your own errors from it, or from a class below.
class error : public std::exception {
public:
    error() = default;
    /// The text is copied.
    explicit error(const char* text) : text_(new detail::message_text(text)) {}
    explicit error(const detail::string_like auto& text) : error(text.c_str()) {}

    /// The text, as Python's `str(e)`: empty where none was given.
    const char* what() const noexcept override { return text_ ? text_->text() : ""; }

private:
    detail::shared<detail::message_text> text_;
};

/// Python's `ValueError`: an argument of the right type that is not acceptable.
class value_error : public error {
public:
    using error::error;
};

/// Python's `TypeError`: a value where none is taken, or none where one is needed.
class type_error : public error {
public:
    using error::error;
};

/// Python's `IndexError`: a position outside a sequence.
class index_error : public error {
public:
    using error::error;
};

/// Python's `RuntimeError`: a rule of the protocol was broken.
class runtime_error : public error {
public:
    using error::error;
};

/// Python's `GeneratorExit`: raised at the yield where a generator is suspended when it is closed. Let it pass, or
/// catch it by its name to clean up and rethrow it. Not a std::exception.
class generator_exit final {
public:
    const char* what() const noexcept { return "GeneratorExit"; }
};

/// Python's `KeyboardInterrupt`: what fermata::run raises when the user has pressed ctrl-C. Raised in a task or a callback, it
/// leaves the loop too. Not a std::exception.
class keyboard_interrupt {
public:
    const char* what() const noexcept { return "KeyboardInterrupt"; }
};

namespace detail {

/// What says that an iteration is over, and may carry a value. The value may be move-only: copies of the exception share it.
class end_of_iteration : public std::exception {
public:
    /// False where Python's `e.value` is None because there is none.
    bool has_value() const noexcept { return static_cast<bool>(value_); }

    /// Python's `e.value`. Raises type_error if there is none, or one of another type.
    template <class Value>
    Value& value() const {
        if (!value_) throw type_error("this exception carries no value: ask has_value() first");
        if (*value_->type != typeid(Value)) throw type_error("this exception carries a value of another type");
        return static_cast<held<Value>*>(value_.get())->value;
    }

protected:
    end_of_iteration() = default;
    template <class Value>
    explicit end_of_iteration(std::in_place_t, Value&& value)
        : value_(new held<std::remove_cvref_t<Value>>(std::forward<Value>(value))) {}

private:
    struct holder : shared_object {
        explicit holder(const std::type_info& held_type) noexcept : type(&held_type) {}
        const std::type_info* type;
    };

    template <class Value>
    struct held final : holder {
        template <class From>
        explicit held(From&& from) : holder(typeid(Value)), value(std::forward<From>(from)) {}
        Value value;
    };

    shared<holder> value_;
};

}  // namespace detail

/// Python's `StopIteration`: an iterator has no further element. Carries the return value of a generator, if it
/// returned one and was not finished before.
class stop_iteration final : public detail::end_of_iteration {
public:
    stop_iteration() = default;

    /// Python's `StopIteration(value)`.
    template <class Value>
        requires(!std::is_same_v<std::remove_cvref_t<Value>, stop_iteration>)
    explicit stop_iteration(Value&& value) : end_of_iteration(std::in_place, std::forward<Value>(value)) {}

    const char* what() const noexcept override { return "StopIteration"; }
};

/// Python's `StopAsyncIteration`: an async generator has no further element. Carries what it returned (PEP 828).
class stop_async_iteration final : public detail::end_of_iteration {
public:
    stop_async_iteration() = default;

    /// PEP 828's `StopAsyncIteration(value)`.
    template <class Value>
        requires(!std::is_same_v<std::remove_cvref_t<Value>, stop_async_iteration>)
    explicit stop_async_iteration(Value&& value) : end_of_iteration(std::in_place, std::forward<Value>(value)) {}

    const char* what() const noexcept override { return "StopAsyncIteration"; }
};

}  // namespace fermata::inline v0
