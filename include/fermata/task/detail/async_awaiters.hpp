#pragma once

// What the steps of an async_generator are awaited with: the typed shells over detail/async_step.hpp.

#include <fermata/task/detail/async_promise.hpp>

#include <concepts>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::detail {

// A step that gives a step.
template <class Yield, class Return, class Promise>
class async_typed_step : public async_step {
public:
    step<Yield, Return> await_resume() {
        const void* yielded_object = this->result();
        if (yielded_object) {
            return step<Yield, Return>(
                static_cast<typename yielded<Yield>::object*>(const_cast<void*>(yielded_object)));
        }
        return step<Yield, Return>(this->ended() ? promise_->take_result() : step_result<Return>());
    }

protected:
    async_typed_step(Promise* promise, kind what) noexcept : async_step(promise, what), promise_(promise) {}

private:
    Promise* promise_;
};

template <class Yield, class Send, class Return>
class [[nodiscard]] async_next : public async_typed_step<Yield, Return, async_promise<Yield, Send, Return>> {
public:
    explicit async_next(async_promise<Yield, Send, Return>* promise) noexcept
        : async_next::async_typed_step(promise, async_step::kind::anext) {
        this->send_nothing(sends_none<Send>);
    }
};

template <class Yield, class Send, class Return>
class [[nodiscard]] async_send : public async_typed_step<Yield, Return, async_promise<Yield, Send, Return>> {
public:
    async_send(async_promise<Yield, Send, Return>* promise, Send&& value)
        : async_send::async_typed_step(promise, async_step::kind::anext), value_(static_cast<Send&&>(value)) {
        void* address = const_cast<std::remove_cvref_t<Send>*>(std::addressof(value_));
        if constexpr (is_optional<Send>) {
            if (!value_) address = nullptr;
        }
        this->send(address);
    }

private:
    Send value_;
};

template <class Yield, class Return, class Promise, class Exception>
class [[nodiscard]] async_throw : public async_typed_step<Yield, Return, Promise> {
public:
    async_throw(Promise* promise, Exception&& exception)
        : async_throw::async_typed_step(promise, async_step::kind::athrow), exception_(std::move(exception)) {
        bool is_exit = std::is_same_v<Exception, generator_exit>;
        if constexpr (std::is_same_v<Exception, std::exception_ptr>) {
            if (!exception_) raise_nothing_to_throw();
            is_exit = holds<generator_exit>(exception_);
        }
        this->raise(raiser_, is_exit);
    }

private:
    Exception exception_;
    object_raiser<Exception> raiser_{exception_};
};

template <class Promise>
class [[nodiscard]] async_close : public async_step {
public:
    explicit async_close(Promise* promise) noexcept : async_step(promise, kind::aclose), promise_(promise) {
        this->raise(raiser_, true);
    }
    void await_resume() {
        result_of_close();
        if (ended()) promise_->take_result();
    }

private:
    Promise* promise_;
    generator_exit exit_;
    object_raiser<generator_exit> raiser_{exit_};
};

// What anext() is awaited with: a value.
template <class Yield, class Send, class Return>
class [[nodiscard]] async_value : public async_next<Yield, Send, Return> {
public:
    using value_type = typename yielded<Yield>::value_type;
    using async_next<Yield, Send, Return>::async_next;

    value_type await_resume() {
        auto s = async_next<Yield, Send, Return>::await_resume();
        if (s) return taken(s);
        if constexpr (!std::is_void_v<Return>) {
            if (s.result()) throw stop_async_iteration(std::move(*s.result()));
        }
        throw stop_async_iteration();
    }

protected:
    value_type taken(step<Yield, Return>& s) {
        using reference = typename step<Yield, Return>::reference;
        if constexpr (!std::is_rvalue_reference_v<reference>) {
            static_assert(std::constructible_from<value_type, reference>,
                          "fermata: this async generator yields references to a move-only object, which anext() cannot "
                          "give by value: use g.next()");
            if (this->given_away()) return value_type(std::move(const_cast<value_type&>(*s)));
        }
        return value_type(*s);
    }
};

template <class Yield, class Send, class Return>
class [[nodiscard]] async_value_or : public async_value<Yield, Send, Return> {
public:
    using value_type = typename yielded<Yield>::value_type;

    template <class Default>
    async_value_or(async_promise<Yield, Send, Return>* promise, Default&& otherwise)
        : async_value<Yield, Send, Return>(promise), otherwise_(std::forward<Default>(otherwise)) {}

    value_type await_resume() {
        auto s = async_next<Yield, Send, Return>::await_resume();
        return s ? this->taken(s) : std::move(otherwise_);
    }

private:
    value_type otherwise_;
};

}  // namespace fermata::inline v0::detail
