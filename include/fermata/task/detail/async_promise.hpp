#pragma once

// The promise of an async_generator: the typed shell over detail/async_frame.hpp.

#include <fermata/base/frame_pool.hpp>
#include <fermata/generator/step.hpp>
#include <fermata/task/detail/async_frame.hpp>

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace fermata::inline v0 {

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
    void await_suspend(suspension) const noexcept { self_.yield(object_, given_away_); }
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

    async_generator<Yield, Send, Return>
    get_return_object(std::source_location made_at = std::source_location::current()) noexcept {
        static_assert(
            alignof(async_promise) <= 2 * sizeof(void*),
            "fermata: async_generator: what it returns is over-aligned, and coroutine frames are not: return it "
            "in a std::unique_ptr");
        this->awaits_at = made_at;
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

}  // namespace detail

}  // namespace fermata::inline v0
