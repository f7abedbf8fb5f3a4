#pragma once

// What is asked of the kernel, as plain data, and the state of the asking.
//
// The life of an operation, which stands in the frame of who awaits it:
//
//   idle       | start()          | → under way; or done at once, where the answer is there already
//   under way  | complete(result) | → done: the task that waits is scheduled; or under way again, for the rest
//              | cancel()         | → under way: the channel has been told, and completes it soon, whatever it comes to
//              | destructor       | → drained: the channel is done with its buffer before the frame goes
//              | abort()          | → done: the same, before it returns, and for the task that waits it is no cancellation
//   done       | cancel()         | → done: the cancellation is the task's, at its next step
//   done       | destructor       | → gone: a descriptor that nobody has taken is closed
//
// So the kernel never writes into a buffer whose owner has gone, and what has arrived is told even to who was cancelled.
//
// What was interrupted, and what was told to come again, is asked again: nobody above hears of EINTR and EAGAIN.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/loop/callback.hpp>

#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace fermata::inline v0::detail {

class endpoint;
class operation;

// In this order: those of files alone, those that wait for something to read, and those that wait for room; `read` to `send`
// may do less than was asked.
enum class io_code : unsigned char {
    open,
    open_beneath,
    sync,
    stat,
    poll,
    receive_message,
    accept,
    read,
    receive,
    write,
    send,
    send_message,
    send_file,
    connect,
    connected
};

/// Whether it waits for something to read, or for room to write.
enum class io_direction : unsigned char { in, out };

/// More than an int can tell is done in parts. Of a file: a peer that reads as fast as we send must leave others their turn.
constexpr std::size_t most_bytes_at_once = 0x7ffff000;
constexpr std::size_t most_of_file_at_once = 256 * 1024;

struct io_request {
    io_code code = io_code::poll;
    int flags = 0;             // MSG_*, SOCK_*, POLL*, O_*; send_file: the file
    void* address = nullptr;   // the buffer, the msghdr, the sockaddr, the path, or the struct statx
    std::size_t size = 0;      // of what is there; of the buffer; opening: the permissions of a new file
    std::int64_t offset = -1;  // in a file; -1: where it stands
    void* extra = nullptr;     // accept: the socklen_t; opening: a struct statx, filled where it is had along with it

    std::size_t size_at_once() const noexcept {
        const std::size_t limit = code == io_code::send_file ? most_of_file_at_once : most_bytes_at_once;
        return size < limit ? size : limit;
    }
    io_direction direction() const noexcept {
        if (code == io_code::poll) return (flags & POLLOUT) != 0 ? io_direction::out : io_direction::in;
        return code >= io_code::write ? io_direction::out : io_direction::in;
    }
    /// It reads without a buffer, at most `size` bytes: see operation::make_room().
    bool lacks_buffer() const noexcept { return !address && (code == io_code::read || code == io_code::receive); }
    bool opens() const noexcept { return code == io_code::open || code == io_code::open_beneath; }
    bool gives_descriptor() const noexcept { return code == io_code::accept || opens(); }
    bool is_of_stream() const noexcept { return code >= io_code::read && code <= io_code::send && offset < 0; }
};

/// Makes the system call, which does not block on descriptors that are set so. Gives what that gives, or -errno.
int perform(const io_request& request, int descriptor) noexcept;
/// The same of a file, where the kernel has in memory all that it takes: it neither waits for a disk nor asks another machine.
/// -EAGAIN where it has not, or where that cannot be known (and then what is wrong with it, too, is for perform() to tell).
int perform_from_memory(const io_request& request, int descriptor) noexcept;

/// Does what is submitted to it: a backend on the kernel's descriptors, or two ends of a pipe in memory.
class channel {
public:
    channel(const channel&) = delete;
    channel& operator=(const channel&) = delete;

    /// May complete it before it returns.
    virtual void submit(operation& o) noexcept = 0;
    /// Completes it soon: with -ECANCELED, or with what it came to before.
    virtual void cancel(operation& o) noexcept = 0;
    /// The same, before it returns. May block for as long as the kernel takes to give up, which is not long.
    virtual void drain(operation& o) noexcept = 0;

protected:
    channel() = default;
    ~channel() = default;
};

class operation : public cancellable, public list_node {
public:
    operation(endpoint& on, const io_request& what) noexcept : request(what), on_(&on) {}
    operation(const operation&) = delete;
    operation& operator=(const operation&) = delete;

    void start() noexcept;
    bool under_way() const noexcept { return under_way_; }

    /// Who is scheduled when it is done.
    void wake(callback& waiter) noexcept { waiter_ = &waiter; }

    bool cancel() noexcept override;
    trace::awaited as_awaited() const noexcept override;
    bool cancelled() const noexcept { return cancelled_; }
    void abort() noexcept;
    /// The channel has been told that it is to end.
    bool given_up() const noexcept { return cancelled_ || aborted_; }
    /// What it came to: not negative, or -errno; -ECANCELED where it was given up within what it was to do.
    int result() const noexcept { return result_; }
    /// The same; a descriptor that it gives is then the caller's.
    int take() noexcept {
        unclaimed_ = false;
        return result_;
    }

    endpoint& on() const noexcept { return *on_; }

    /// Called by the channel, on the loop's thread.
    void complete(int result) noexcept;
    /// Its loop goes: nobody is to be scheduled any more. The channel completes it yet.
    void become_orphan() noexcept;
    /// Done at once, without the channel, with this.
    void complete_now(int result) noexcept { result_ = result; }

    /// Of a request that lacks its buffer: called by the channel when the bytes come, so that who waits keeps none, and sets
    /// that. False: there is no memory.
    virtual bool make_room(std::size_t size) noexcept {
        (void)size;
        return false;
    }

    io_request request;

protected:
    ~operation() {
        if (under_way_ || unclaimed_) end();
    }
    /// For a derived class that owns what the channel uses: to be called in its destructor.
    void end() noexcept;

private:
    /// Told what came. False: it is to be submitted again, with what `request` says by then.
    virtual bool advance(int result) noexcept {
        (void)result;
        return true;
    }

    endpoint* on_;
    callback* waiter_ = nullptr;
    int result_ = 0;

public:
    // Here where there is room for it: an operation stands in the frame of each connection that waits.
    std::uint8_t backend_state = 0;

private:
    bool under_way_ : 1 = false;
    bool cancelled_ : 1 = false;
    bool aborted_ : 1 = false;
    bool unclaimed_ : 1 = false;

protected:
    bool suspended_ : 1 = false;  // an awaiter's
    bool known_ : 1 = false;      // a stream's: the stream has heard of it
};

}  // namespace fermata::inline v0::detail
