#pragma once

// A descriptor that nobody has to close.

#include <unistd.h>

#include <utility>

namespace fermata::inline v0::detail {

class unique_descriptor {
public:
    unique_descriptor() noexcept = default;
    explicit unique_descriptor(int descriptor) noexcept : descriptor_(descriptor) {}
    unique_descriptor(unique_descriptor&& other) noexcept : descriptor_(other.release()) {}
    unique_descriptor& operator=(unique_descriptor&& other) noexcept {
        unique_descriptor moved(std::move(other));
        std::swap(descriptor_, moved.descriptor_);
        return *this;
    }
    ~unique_descriptor() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    /// -1 where there is none.
    int get() const noexcept { return descriptor_; }
    int release() noexcept { return std::exchange(descriptor_, -1); }

private:
    int descriptor_ = -1;
};

}  // namespace fermata::inline v0::detail
