#pragma once

// The port of a loop that does I/O.

#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/detail/operation.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/loop/port.hpp>

#include <memory>
#include <string_view>

namespace fermata::inline v0::detail {

/// Translates operations for the kernel. Lives on the loop's thread; only wake() is thread-safe.
class backend : public port, public channel {
public:
    /// That of the loop, which gets one when it first asks: io_uring where the kernel allows it, else epoll, or as
    /// FERMATA_BACKEND says. Raises value_error where that says something else, std::system_error where it cannot be had.
    static backend& of(event_loop& loop);
    /// That one, or null.
    static backend* of_or_null(event_loop& loop) noexcept;

    virtual std::string_view name() const noexcept = 0;
    /// Whether the kernel does what may take a while on files, which are always ready, while the loop goes on.
    virtual bool does_files() const noexcept { return false; }
    /// Of what perform_from_memory() does, one in so many is to wait: who does nothing but that gives the others their turn.
    bool owes_a_turn() noexcept;
    event_loop& loop() const noexcept { return loop_; }
    /// Gone when this has: for what is no descriptor that it knows.
    std::weak_ptr<const void> life() const noexcept { return life_; }

    /// A descriptor comes, and goes. The former raises std::system_error.
    virtual void adopt(descriptor_endpoint& e) {
        add(e);
        endpoints_.push_back(e);
    }
    virtual void remove(descriptor_endpoint& e) noexcept = 0;

    /// What is under way has been given up by then.
    ~backend() override;

protected:
    explicit backend(event_loop& loop) : loop_(loop) {}
    intrusive_list<descriptor_endpoint>& endpoints() noexcept { return endpoints_; }

private:
    virtual void add(descriptor_endpoint& e) = 0;

    event_loop& loop_;
    std::shared_ptr<const void> life_ = std::make_shared<char>();
    unsigned done_at_once_ = 0;
    intrusive_list<descriptor_endpoint> endpoints_;
};

/// As of() chooses it, for who wraps it before he sets it.
std::unique_ptr<backend> make_backend(event_loop& loop);
std::unique_ptr<backend> make_epoll_backend(event_loop& loop);
/// Null where the kernel refuses it; `why` then says with what errno.
std::unique_ptr<backend> make_uring_backend(event_loop& loop, int& why);

}  // namespace fermata::inline v0::detail
