#pragma once

/// \file
/// Where a child's standard streams lead.

#include <cstdint>

namespace fermata::inline v0 {

/// Python's `PIPE`, `DEVNULL`, `STDOUT`, `None` and descriptors, as `subprocess` takes them.
class redirect {
public:
    /// None: the child has this program's.
    static constexpr redirect inherit() noexcept { return redirect(kind::inherit, -1); }
    /// PIPE: a stream of the process.
    static constexpr redirect pipe() noexcept { return redirect(kind::pipe, -1); }
    /// DEVNULL.
    static constexpr redirect devnull() noexcept { return redirect(kind::devnull, -1); }
    /// STDOUT, for stderr only: where stdout leads.
    static constexpr redirect to_stdout() noexcept { return redirect(kind::to_stdout, -1); }
    /// A descriptor of this program's, which stays open here.
    static constexpr redirect to(int descriptor) noexcept { return redirect(kind::descriptor, descriptor); }

    constexpr redirect() noexcept = default;
    enum class kind : std::uint8_t { inherit, pipe, devnull, to_stdout, descriptor };
    constexpr kind what() const noexcept { return what_; }
    constexpr int descriptor() const noexcept { return descriptor_; }

private:
    constexpr redirect(kind what, int descriptor) noexcept : what_(what), descriptor_(descriptor) {}

    kind what_ = kind::inherit;
    int descriptor_ = -1;
};

}  // namespace fermata::inline v0
