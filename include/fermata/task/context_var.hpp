#pragma once

/// \file
/// Python's `contextvars.ContextVar`: a variable whose value belongs to a task, and to what that starts.

#include <fermata/base/errors.hpp>
#include <fermata/task/detail/context.hpp>

#include <optional>
#include <string>
#include <utility>

namespace fermata::inline v0 {

/// Python's `LookupError`.
class lookup_error : public error {
public:
    using error::error;
};

/// What context_var::set gives: puts the variable back to what it was. Python's `contextvars.Token`.
class context_token {
public:
    context_token(context_token&&) noexcept = default;
    context_token& operator=(context_token&&) noexcept = default;

private:
    template <class>
    friend class context_var;
    context_token(const void* variable, detail::shared<detail::context_value> before);
    detail::shared<detail::context_value> use_for(const void* variable);

    const void* variable_;
    const void* set_in_;
    detail::shared<detail::context_value> before_;
    bool used_ = false;
};

/// Python's `ContextVar`. A task has the values that it found when it was made, and changes only its own; a coroutine that
/// it awaits shares them. to_thread takes them along. Outside of tasks a thread has values of its own, which run() hands to
/// its main task.
///
///     context_var<int> request("request");       // of namespace scope, as in Python
///     auto token = request.set(7);
///     request.get();
///     request.reset(std::move(token));
///
/// It must outlive the tasks that have a value of it. Thread-safe: each task and thread sees its own.
template <class T>
class context_var {
public:
    explicit context_var(std::string name) : name_(std::move(name)) {}
    context_var(std::string name, T otherwise) : name_(std::move(name)), default_(std::move(otherwise)) {}
    context_var(const context_var&) = delete;
    context_var& operator=(const context_var&) = delete;

    /// The value, copied; else the default. Raises lookup_error "<ContextVar name='request'>" if there is none either.
    T get() const;
    /// The value; else `otherwise`.
    T get(T otherwise) const;

    context_token set(T value) const;
    /// Raises value_error if the token is of another variable or was made in another task, runtime_error if it has been used.
    void reset(context_token&& token) const;

    const std::string& name() const noexcept { return name_; }

private:
    struct held final : detail::context_value {
        explicit held(T&& given) : value(std::move(given)) {}
        T value;
    };
    const T* find() const noexcept;

    std::string name_;
    std::optional<T> default_;
};

// Implementation

namespace detail {

/// Null if the variable has none.
context_value* find_value(const void* variable) noexcept;
/// Gives what it was. A null value takes it away.
shared<context_value> exchange_value(const void* variable, shared<context_value> value);

}  // namespace detail

template <class T>
const T* context_var<T>::find() const noexcept {
    const auto* found = static_cast<const held*>(detail::find_value(this));
    return found ? &found->value : nullptr;
}

template <class T>
T context_var<T>::get() const {
    if (const T* found = find()) return *found;
    if (default_) return *default_;
    throw lookup_error("<ContextVar name='" + name_ + "'>");
}

template <class T>
T context_var<T>::get(T otherwise) const {
    const T* found = find();
    return found ? *found : otherwise;
}

template <class T>
context_token context_var<T>::set(T value) const {
    return {this, detail::exchange_value(this, detail::shared<detail::context_value>(new held(std::move(value))))};
}

template <class T>
void context_var<T>::reset(context_token&& token) const {
    detail::exchange_value(this, token.use_for(this));
}

}  // namespace fermata::inline v0
