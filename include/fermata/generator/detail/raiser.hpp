#pragma once

#include <fermata/base/config.hpp>

#include <exception>
#include <utility>

namespace fermata::inline v0::detail {

// What to raise at the yield where a generator is suspended. It lives in the call of throw_() or close().
class raiser {
public:
    // Inline, so that there is but one call between the yield and the throw: each more would be unwound twice.
    [[noreturn]] FERMATA_DETAIL_INLINE void raise() {
        throw_it_(*this);
        FERMATA_DETAIL_UNREACHABLE();
    }
    FERMATA_DETAIL_INLINE void tail_raise() { throw_it_(*this); }

protected:
    constexpr explicit raiser(void (*throw_it)(raiser&)) noexcept : throw_it_(throw_it) {}

private:
    void (*throw_it_)(raiser&);
};

// What the generator that is being resumed raises instead of going on: set just before it is resumed, taken as the first
// thing it does. For bodies that g++ compiles it stands here: in the frame, a step would have to look the frame's address up
// for it. clang has that at hand, and sees of its own frames, but not of a thread_local, that there is nothing to raise:
// there it stands in the frame (frame::to_raise).
FERMATA_DETAIL_NEAR inline constinit thread_local raiser* to_raise = nullptr;

#if defined(__clang__)
inline constexpr bool raises_from_frame = true;
#else
inline constexpr bool raises_from_frame = false;
#endif

// Returns as little as raise(), but does not say so: it can then leave its place on the stack to what throws.
FERMATA_DETAIL_COLD inline void raise_what_stands_there() { std::exchange(to_raise, nullptr)->tail_raise(); }
FERMATA_DETAIL_INLINE void raise_what_is_to_be_raised() {
    if (to_raise) [[unlikely]] {
        raise_what_stands_there();
        FERMATA_DETAIL_UNREACHABLE();
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

}  // namespace fermata::inline v0::detail
