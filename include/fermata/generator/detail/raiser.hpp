#pragma once

#include <fermata/base/config.hpp>

#include <exception>
#include <utility>

namespace fermata::detail {

// What to raise at the yield where a generator is suspended. It lives in the call of throw_() or close().
class raiser {
public:
    [[noreturn]] void raise() {
        throw_it_(*this);
        std::terminate();
    }

protected:
    constexpr explicit raiser(void (*throw_it)(raiser&)) noexcept : throw_it_(throw_it) {}

private:
    void (*throw_it_)(raiser&);
};

// What the generator that is being resumed raises instead of going on: set just before it is resumed, taken as the first
// thing it does. It need not be in its frame, and there a step would have to look the frame's address up for it.
FERMATA_DETAIL_NEAR inline constinit thread_local raiser* to_raise = nullptr;

[[noreturn]] FERMATA_DETAIL_COLD inline void raise_what_is_to_be_raised() { std::exchange(to_raise, nullptr)->raise(); }
inline void raise_pending() {
    if (to_raise) [[unlikely]] {
        raise_what_is_to_be_raised();
    }
}

// Throws the object itself: half the price of rethrowing an exception_ptr.
template <class Exception>
class object_raiser final : public raiser {
public:
    constexpr explicit object_raiser(Exception& exception) noexcept : raiser(&throw_it), exception_(exception) {}

private:
    [[noreturn]] static void throw_it(raiser& self) { throw std::move(static_cast<object_raiser&>(self).exception_); }
    Exception& exception_;
};

template <>
class object_raiser<std::exception_ptr> final : public raiser {
public:
    explicit object_raiser(std::exception_ptr& exception) noexcept : raiser(&throw_it), exception_(exception) {}

private:
    [[noreturn]] static void throw_it(raiser& self) {
        std::rethrow_exception(std::move(static_cast<object_raiser&>(self).exception_));
    }
    std::exception_ptr& exception_;
};

}  // namespace fermata::detail
