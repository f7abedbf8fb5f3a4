#pragma once

// What operations are done on.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/io/detail/operation.hpp>
#include <fermata/io/detail/unique_descriptor.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/task/task.hpp>

#include <string>

namespace fermata::inline v0::detail {

class backend;

/// A descriptor of the kernel's, or one end of a pipe in memory. At most one operation of each direction is under way.
class endpoint {
public:
    endpoint(event_loop& in, channel& by) noexcept : loop_(&in), channel_(by) {}
    virtual ~endpoint() = default;
    endpoint(const endpoint&) = delete;
    endpoint& operator=(const endpoint&) = delete;

    event_loop& loop() const noexcept { return *loop_; }
    /// Its loop has gone, and the channel too.
    virtual bool is_orphan() const noexcept { return !loop_; }
    channel& by() const noexcept { return channel_; }

    /// -1 where there is none.
    virtual int descriptor() const noexcept { return -1; }
    virtual void shut_down_writing() = 0;
    /// Nothing is under way.
    virtual void close() noexcept = 0;
    /// Until what close() leaves to be done is done.
    virtual task<> wait_closed() const;
    /// Raises what says more than the number of an error does, "<what> <whom>: …"; returns where there is no more to say.
    virtual void raise_failure(int result, const char* what, const std::string& whom) const {
        (void)result, (void)what, (void)whom;
    }

protected:
    void leave_loop() noexcept { loop_ = nullptr; }

private:
    event_loop* loop_;
    channel& channel_;
};

/// Whether other programs have the same open file, and would see it set not to block.
enum class descriptor_use : unsigned char { own, shared };

/// A descriptor, which it owns. It may outlive its loop: then it can be closed, and nothing else.
class descriptor_endpoint final : public endpoint, public list_node {
public:
    /// Raises std::system_error. Without a descriptor it is closed from the start.
    descriptor_endpoint(backend& by, unique_descriptor descriptor, descriptor_use use = descriptor_use::own);
    ~descriptor_endpoint() override { close(); }

    int descriptor() const noexcept override { return descriptor_.get(); }
    void shut_down_writing() override;
    void close() noexcept override;
    /// Told by the backend as it goes.
    void become_orphan() noexcept;
    bool is_shared() const noexcept { return use_ == descriptor_use::shared; }

    // The epoll backend's: what has been heard of the descriptor, and the operations that wait for more.
    bool ready[2] = {true, true};
    bool hung_up = false;
    bool in_pieces = false;  // it may give less than it has
    bool registered = false;
    intrusive_list<operation> waiting[2];

private:
    unique_descriptor descriptor_;
    descriptor_use use_;
};

}  // namespace fermata::inline v0::detail
