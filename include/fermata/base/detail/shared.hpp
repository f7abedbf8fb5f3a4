#pragma once

// A reference-counted object and the pointer to it: what an exception needs to be copied without throwing.
// <memory> and <atomic> would each more than double what <fermata/generator.hpp> costs to compile.

#include <utility>

#if !defined(__GNUC__)
#include <atomic>
#endif

namespace fermata::inline v0::detail {

class shared_object {
public:
    shared_object() = default;
    shared_object(const shared_object&) = delete;
    shared_object& operator=(const shared_object&) = delete;
    virtual ~shared_object() = default;

#if defined(__GNUC__)
    void acquire() noexcept { __atomic_add_fetch(&owners_, 1, __ATOMIC_RELAXED); }
    void release() noexcept {
        if (__atomic_sub_fetch(&owners_, 1, __ATOMIC_ACQ_REL) == 0) delete this;
    }

private:
    long owners_ = 1;
#else
    void acquire() noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

private:
    std::atomic<long> owners_ = 1;
#endif
};

/// Shares a shared_object; thread-safe as std::shared_ptr is.
template <class Object>
class shared {
public:
    shared() = default;
    explicit shared(Object* adopted) noexcept : object_(adopted) {}
    shared(const shared& other) noexcept : object_(other.object_) {
        if (object_) object_->acquire();
    }
    shared(shared&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    shared& operator=(shared other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~shared() {
        if (object_) object_->release();
    }

    Object* get() const noexcept { return object_; }
    Object* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }

private:
    Object* object_ = nullptr;
};

}  // namespace fermata::inline v0::detail
