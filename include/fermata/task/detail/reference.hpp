#pragma once

// Objects of one thread that are shared: a count without atomics, and the pointer that keeps it.

#include <type_traits>
#include <utility>

namespace fermata::inline v0::detail {

/// Shares an object that has acquire() and release().
template <class Object>
class reference {
public:
    reference() = default;
    static reference adopt(Object& object) noexcept { return reference(&object); }
    static reference share(Object& object) noexcept {
        object.acquire();
        return reference(&object);
    }
    reference(const reference& other) noexcept : object_(other.object_) {
        if (object_) object_->acquire();
    }
    reference(reference&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    /// As a reference to a base of it.
    template <class Derived>
        requires(!std::is_same_v<Derived, Object> && std::is_base_of_v<Object, Derived>)
    explicit reference(reference<Derived>&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    reference& operator=(reference other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~reference() {
        if (object_) object_->release();
    }

    Object* get() const noexcept { return object_; }
    Object& operator*() const noexcept { return *object_; }
    Object* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }

private:
    template <class>
    friend class reference;
    explicit reference(Object* object) noexcept : object_(object) {}
    Object* object_ = nullptr;
};

}  // namespace fermata::inline v0::detail
