#pragma once

// The promise of an async_generator, and what its steps are awaited with: the typed shells over detail/async_frame.hpp.

#include <fermata/base/frame_pool.hpp>
#include <fermata/generator/step.hpp>
#include <fermata/task/detail/async_frame.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace fermata {

template <class Yield, class Send, class Return>
class async_generator;

namespace detail {

template <class Source>
class async_from;
template <class Source>
class delegation;

struct async_access {
    template <class Generator>
    static auto* frame_of(Generator& g) noexcept {
        return g.frame_;
    }
    template <class Generator>
    static auto* release(Generator& g) noexcept {
        return std::exchange(g.frame_, nullptr);
    }
};

template <class Return>
class async_result {
public:
    void return_value(Return result) { result_.emplace(std::move(result)); }
    step_result<Return> take_result() { return step_result<Return>(std::exchange(result_, std::nullopt)); }

private:
    std::optional<Return> result_;
};
template <>
class async_result<void> {
public:
    void return_void() noexcept { returned_ = true; }
    step_result<void> take_result() noexcept { return step_result<void>(std::exchange(returned_, false)); }

private:
    bool returned_ = false;
};

// What co_yield waits with.
template <class Send>
class async_yield {
public:
    async_yield(async_frame& self, const void* object, bool given_away) noexcept
        : self_(self), object_(object), given_away_(given_away) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept { self_.yield(object_, given_away_); }
    Send await_resume() const {
        [[maybe_unused]] void* sent = self_.received();
        if constexpr (is_optional<Send>) {
            if (!sent) return std::nullopt;
        }
        if constexpr (!std::is_void_v<Send>) {
            return static_cast<Send&&>(*static_cast<std::remove_reference_t<Send>*>(sent));
        }
    }

private:
    async_frame& self_;
    const void* object_;
    bool given_away_;
};

struct async_end {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
        ended.promise().hand_over();
    }
    void await_resume() const noexcept {}
};

template <class Yield, class Send, class Return>
class async_promise : public async_frame, public async_result<Return> {
public:
    using object = typename yielded<Yield>::object;

    async_generator<Yield, Send, Return> get_return_object() noexcept {
        this->handle = std::coroutine_handle<async_promise>::from_promise(*this);
        return async_generator<Yield, Send, Return>(*this);
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    async_end final_suspend() const noexcept { return {}; }

    async_yield<Send> yield_value(object& yielded_object) noexcept
        requires(!std::is_rvalue_reference_v<typename yielded<Yield>::reference>)
    {
        return {*this, std::addressof(yielded_object), false};
    }
    async_yield<Send> yield_value(std::remove_cv_t<object>&& yielded_object) noexcept
        requires(!std::is_reference_v<Yield> || std::is_rvalue_reference_v<Yield>)
    {
        return {*this, std::addressof(yielded_object), true};
    }
    std::suspend_never yield_value(const object&) noexcept
        requires(std::is_rvalue_reference_v<typename yielded<Yield>::reference>)
    {
        static_assert(
            !sizeof(Yield),
            "fermata: co_yield: what this generator yields is handed over, and a variable is not copied: write "
            "co_yield std::move(variable)");
        return {};
    }
    template <class Source>
    auto yield_value(async_from<Source>&& delegate) {
        return std::move(delegate).template bind<Yield, Send>(*this);
    }
    template <class Source>
    std::suspend_never yield_value(delegation<Source>&&) noexcept {
        static_assert(
            !sizeof(Source),
            "fermata: from: an async_generator delegates to async generators: loop over this, and co_yield its "
            "elements");
        return {};
    }

    static void* operator new(std::size_t size) { return frame_pool::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_pool::deallocate(memory, size); }
};

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

}  // namespace detail

}  // namespace fermata
