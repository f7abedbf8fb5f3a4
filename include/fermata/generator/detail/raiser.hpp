#pragma once

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
