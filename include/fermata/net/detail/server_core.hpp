#pragma once

// A server without the type of its handler.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/stream.hpp>
#include <fermata/net/address.hpp>
#include <fermata/sync/event.hpp>
#include <fermata/sync/semaphore.hpp>
#include <fermata/task/task_handle.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace fermata::inline v0 {
struct server_options;
}

namespace fermata::inline v0::detail {

/// Shared by the server and by the tasks that serve: it lives as long as any of them.
class server_core : public std::enable_shared_from_this<server_core> {
public:
    server_core();
    virtual ~server_core();
    server_core(const server_core&) = delete;
    server_core& operator=(const server_core&) = delete;

    void listen(const address& on, const server_options& options);
    void listen_unix(const std::string& path, const server_options& options);
    /// A task for each address.
    void begin(const server_options& options);

    const std::vector<address>& addresses() const noexcept { return addresses_; }
    bool is_serving() const noexcept { return !closed_; }
    std::size_t connections() const noexcept { return connection_count_; }

    void close() noexcept;
    void cancel_clients() noexcept;
    // They keep it: the server may be dropped meanwhile.
    static task<> serve_forever(std::shared_ptr<server_core> core);
    static task<> wait_closed(std::shared_ptr<server_core> core);
    static task<> leave(std::shared_ptr<server_core> core, bool failed);

private:
    class part;
    class acceptor;
    class connection;

    virtual task<> handle(stream s) = 0;
    static task<> accept(std::unique_ptr<acceptor> given);
    task<> accept_one(acceptor& here);
    void accept_the_rest(const descriptor_endpoint& on, std::vector<stream>& rest);
    stream stream_of(int descriptor, const address& peer);
    void take(stream connected);
    task<> pause_after(int failure);
    void report(const char* what, const std::exception_ptr& raised) noexcept;
    void remove_path() noexcept;

    event_loop& loop_;
    std::vector<std::unique_ptr<descriptor_endpoint>> listeners_;  // until they are accepted from
    std::vector<address> addresses_;
    intrusive_list<part> accepting_;
    intrusive_list<part> serving_;
    std::size_t part_count_ = 0;
    std::size_t connection_count_ = 0;
    std::unique_ptr<semaphore> slots_;  // null: as many as come
    event idle_;                        // set while there is no part
    std::chrono::nanoseconds quiet_until_{0};
    bool no_delay_ = true;
    bool closed_ = false;
    bool cancels_new_ = false;
    std::string unix_path_;  // to be removed, if it is still the file that was made
    std::uint64_t unix_file_ = 0;
};

}  // namespace fermata::inline v0::detail
