#pragma once

// A server without the type of its handler.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/io/detail/endpoint.hpp>
#include <fermata/io/stream.hpp>
#include <fermata/net/address.hpp>
#include <fermata/sync/event.hpp>
#include <fermata/sync/semaphore.hpp>
#include <fermata/task/task_handle.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace fermata {
struct server_options;
}

namespace fermata::detail {

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
    task<> serve_forever();
    task<> wait_closed();
    task<> leave(bool failed);

private:
    struct connection;
    struct listener;

    virtual task<> handle(stream s) = 0;
    static task<> accept(std::shared_ptr<server_core> self, listener& on);
    static task<> serve(std::shared_ptr<server_core> self, int descriptor, std::string name);
    void take(int descriptor, const address& peer);
    void take_the_rest(listener& on);
    task<> pause_after(int failure);
    void report(const char* what);

    event_loop& loop_;
    std::vector<std::unique_ptr<listener>> listeners_;
    std::vector<address> addresses_;
    std::vector<task_handle<>> accepting_;
    intrusive_list<connection> serving_;
    std::size_t connection_count_ = 0;
    std::unique_ptr<semaphore> slots_;  // null: as many as come
    event idle_;                        // set while none is being served, and none accepted
    bool no_delay_ = true;
    bool closed_ = false;
    std::string unix_path_;  // to be removed
};

}  // namespace fermata::detail
