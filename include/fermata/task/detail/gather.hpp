#pragma once

// Implementation of task/gather.hpp: the typed shells over detail::gathering.

#include <fermata/base/ranges.hpp>
#include <fermata/task/detail/distinct.hpp>
#include <fermata/task/detail/gathering.hpp>
#include <fermata/task/ensure_future.hpp>
#include <fermata/task/outcome.hpp>

#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace fermata::inline v0::detail {

template <class... Arguments>
concept gathered_range = sizeof...(Arguments) == 1 && (std::ranges::input_range<Arguments> && ...);

template <bool KeepExceptions, class T>
using gathered = std::conditional_t<KeepExceptions, outcome<T>, typename outcome<T>::value_type>;

template <class T>
inline constexpr bool is_only_moved = !std::is_void_v<T> && !std::is_copy_constructible_v<T>;

// Of a result that is moved out there is but one.
inline void refuse_twice(const std::vector<future_state*>& futures) {
    if (!first_of_each(futures).empty())
        throw type_error("gather() was given a future twice, and its result can only be moved");
}

// What a child came to. The gathering's own share of it does not count as somebody else's.
template <bool KeepExceptions, class T>
gathered<KeepExceptions, T> taken_from(const future<T>& child) {
    future_state& state = *future_access::state_of(child);
    if constexpr (KeepExceptions) {
        if (state.cancelled()) return outcome<T>(std::make_exception_ptr(cancelled_error()));
        if (std::exception_ptr raised = state.exception()) return outcome<T>(std::move(raised));
    }
    if constexpr (std::is_void_v<T>) {
        return gathered<KeepExceptions, T>(std::monostate());
    } else {
        return gathered<KeepExceptions, T>(future_access::result_of(child).take(state.result_is_shared()));
    }
}

template <bool KeepExceptions, class... Ts>
class gathered_tuple final : public gathering, public task_result<std::tuple<gathered<KeepExceptions, Ts>...>> {
public:
    gathered_tuple(event_loop& loop, std::tuple<future<Ts>...>&& futures)
        : gathering(loop, KeepExceptions), futures_(std::move(futures)) {
        std::apply(
            [this](const auto&... each) {
                const std::array<future_state*, sizeof...(Ts)> states{future_access::state_of(each).get()...};
                if constexpr ((is_only_moved<Ts> || ...)) {
                    std::vector<future_state*> once;
                    ((is_only_moved<Ts> ? once.push_back(future_access::state_of(each).get()) : void()), ...);
                    refuse_twice(once);
                }
                this->watch(children_.data(), states.data(), states.size());
            },
            futures_);
    }

private:
    void collect() override {
        std::apply(
            [this](const auto&... each) {
                this->return_value(std::tuple<gathered<KeepExceptions, Ts>...>(taken_from<KeepExceptions>(each)...));
            },
            futures_);
    }

    std::tuple<future<Ts>...> futures_;
    std::array<child, sizeof...(Ts)> children_;
};

template <bool KeepExceptions, class T>
class gathered_vector final : public gathering, public task_result<std::vector<gathered<KeepExceptions, T>>> {
public:
    gathered_vector(event_loop& loop, std::vector<future<T>>&& futures)
        : gathering(loop, KeepExceptions),
          futures_(std::move(futures)),
          children_(std::make_unique<child[]>(futures_.size())) {
        std::vector<future_state*> states;
        states.reserve(futures_.size());
        for (const future<T>& each : futures_) states.push_back(future_access::state_of(each).get());
        if constexpr (is_only_moved<T>) refuse_twice(states);
        this->watch(children_.get(), states.data(), states.size());
    }

private:
    void collect() override {
        std::vector<gathered<KeepExceptions, T>> results;
        results.reserve(futures_.size());
        for (const future<T>& each : futures_) results.push_back(taken_from<KeepExceptions>(each));
        this->return_value(std::move(results));
    }

    std::vector<future<T>> futures_;
    std::unique_ptr<child[]> children_;
};

template <class Result, class Gathering>
future<Result> future_of(Gathering* made) {
    return future_access::make<Result>(reference<future_state>::adopt(*made), *made);
}

template <bool KeepExceptions, class... Ts>
auto gather_tuple(std::tuple<future<Ts>...>&& futures) {
    using result = std::tuple<gathered<KeepExceptions, Ts>...>;
    return future_of<result>(new gathered_tuple<KeepExceptions, Ts...>(current_loop(), std::move(futures)));
}

// In braces: the coroutines are scheduled in the order of the arguments.
template <bool KeepExceptions, class... Awaitables>
auto gather_each(Awaitables&&... awaitables) {
    return gather_tuple<KeepExceptions>(
        std::tuple<future<awaited_result<Awaitables>>...>{ensure_future(std::forward<Awaitables>(awaitables))...});
}

template <bool KeepExceptions, class Range>
auto gather_range(Range&& awaitables) {
    auto futures = ensure_futures(std::forward<Range>(awaitables));
    using result = typename decltype(futures)::value_type::result_type;
    return future_of<std::vector<gathered<KeepExceptions, result>>>(
        new gathered_vector<KeepExceptions, result>(current_loop(), std::move(futures)));
}

}  // namespace fermata::inline v0::detail
