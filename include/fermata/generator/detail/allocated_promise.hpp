#pragma once

// Generators whose frame comes from an allocator of the caller's: those whose coroutine takes `std::allocator_arg_t,
// Allocator` first (after the object, of a member function or a lambda), as std::generator's may. They have a promise
// type of their own, so that the others carry nothing for it.

#include <fermata/base/allocator.hpp>
#include <fermata/generator/detail/nesting_promise.hpp>
#include <fermata/generator/generator.hpp>

#include <coroutine>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::detail {

template <class Promise, class Allocator, class... Arguments>
class allocated_promise : public promise_taking<Promise, Arguments...> {
    using base = promise_taking<Promise, Arguments...>;
    struct alignas(__STDCPP_DEFAULT_NEW_ALIGNMENT__) unit {
        std::byte bytes[__STDCPP_DEFAULT_NEW_ALIGNMENT__];
    };
    using allocator = typename std::allocator_traits<Allocator>::template rebind_alloc<unit>;

    // The frame comes first, and then the allocator that it is to be given back to.
    static constexpr std::size_t units(std::size_t size) noexcept { return (size + sizeof(unit) - 1) / sizeof(unit); }
    static allocator* allocator_of(void* frame, std::size_t size) noexcept {
        return reinterpret_cast<allocator*>(static_cast<unit*>(frame) + units(size));
    }
    static constexpr std::size_t allocator_units = units(sizeof(allocator));
    static_assert(alignof(allocator) <= alignof(unit));

    static void* allocate(std::size_t size, allocator from) {
        unit* frame = std::allocator_traits<allocator>::allocate(from, units(size) + allocator_units);
        ::new (static_cast<void*>(allocator_of(frame, size))) allocator(std::move(from));
        return frame;
    }

    // The allocator is the second argument, or the third of a member function.
    static const Allocator* among(std::allocator_arg_t, const Allocator& given, const auto&...) noexcept {
        return &given;
    }
    static const Allocator* among(const auto&, std::allocator_arg_t, const Allocator& given, const auto&...) noexcept {
        return &given;
    }

public:
    using base::base;
    // Not a template: g++ would call its operator delete mismatched.
    static void* operator new(std::size_t size, const std::remove_reference_t<Arguments>&... arguments) {
        return allocate(size, allocator(*among(arguments...)));
    }
    // For clang, which does not pass the lambda of a lambda's coroutine.
    template <class... Others>
    static void* operator new(std::size_t size, std::allocator_arg_t, const Allocator& given, const Others&...) {
        return allocate(size, allocator(given));
    }
    static void operator delete(void* frame, std::size_t size) noexcept {
        allocator* kept = allocator_of(frame, size);
        allocator from(std::move(*kept));
        kept->~allocator();
        std::allocator_traits<allocator>::deallocate(from, static_cast<unit*>(frame), units(size) + allocator_units);
    }
};

// The generator finds the frame by the address of the Promise within: the derived one must not move it.
template <class Generator, class Allocator, class... Arguments>
struct allocated_traits {
    using promise = typename Generator::promise_type;
    using promise_type = allocated_promise<promise, std::remove_cvref_t<Allocator>, Arguments...>;
    static_assert(alignof(promise_type) == alignof(promise));
};

}  // namespace fermata::inline v0::detail

template <class Yield, class Send, class Return, class Allocator, class... Arguments>
struct std::coroutine_traits<fermata::generator<Yield, Send, Return>, std::allocator_arg_t, Allocator, Arguments...>
    : fermata::detail::allocated_traits<fermata::generator<Yield, Send, Return>, Allocator, std::allocator_arg_t,
                                        Allocator, Arguments...> {};

template <class Yield, class Send, class Return, class Object, class Allocator, class... Arguments>
struct std::coroutine_traits<fermata::generator<Yield, Send, Return>, Object, std::allocator_arg_t, Allocator,
                             Arguments...>
    : fermata::detail::allocated_traits<fermata::generator<Yield, Send, Return>, Allocator, Object,
                                        std::allocator_arg_t, Allocator, Arguments...> {};
