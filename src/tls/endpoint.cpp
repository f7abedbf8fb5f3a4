#include <fermata/io/detail/io_awaiter.hpp>
#include <fermata/sync/event.hpp>
#include <fermata/task/task_handle.hpp>
#include <fermata/task/timeout.hpp>

#include "connection.hpp"

#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <utility>

namespace fermata::inline v0::detail {

namespace {

task<> until_set(std::shared_ptr<event> parted) {
    if (parted) co_await parted->wait();
}

task<> until_parted(tls_endpoint& on) {
    plain_operation parting(on, {.code = io_code::sync});
    co_await parting;
}

}  // namespace

// Tells those who wait for it, however the Task ends that has it; also if it never begins.
class tls_endpoint::parting_note {
public:
    explicit parting_note(std::shared_ptr<event> parted) noexcept : parted_(std::move(parted)) {}
    parting_note(parting_note&&) noexcept = default;
    parting_note& operator=(parting_note&&) = delete;
    ~parting_note() {
        if (parted_) parted_->set();
    }

private:
    std::shared_ptr<event> parted_;
};

bool tls_endpoint::is_orphan() const noexcept {
    return connection_ ? connection_->carrier().is_orphan() : endpoint::is_orphan();
}

int tls_endpoint::descriptor() const noexcept { return connection_ ? connection_->carrier().descriptor() : -1; }

void tls_endpoint::shut_down_writing() { connection_->send_close_notify(); }

void tls_endpoint::raise_failure(int result, const char* what, const std::string& whom) const {
    if (connection_) connection_->raise_failure(result, what, whom);
}

std::optional<tls_info> tls_endpoint::info() const {
    if (!connection_) return std::nullopt;
    return connection_->info();
}

void tls_endpoint::close() noexcept {
    if (!connection_) return;
    connection_->give_up_waiting();
    const bool orphan = is_orphan();
    std::unique_ptr<tls_connection> from = std::move(connection_);
    // Where the loop runs no more, nobody would wait.
    if (orphan || !from->begin_to_part() || current_loop_or_null() != &loop()) return;
    try {
        parted_ = std::make_shared<event>();
        create_task(part(std::move(from), parting_note(parted_)), {.name = "TLS shutdown"});
    } catch (const std::bad_alloc&) {
        return;
    }
}

task<> tls_endpoint::wait_closed() const { return until_set(parted_); }

// Nobody keeps the Task: the connection goes with it.
task<> tls_endpoint::part(std::unique_ptr<tls_connection> from, parting_note /*note*/) {
    constexpr std::chrono::seconds longest(30);
    const auto on = std::make_unique<tls_endpoint>(current_loop(), std::move(from));
    try {
        co_await fermata::with(timeout(longest), [&](timeout&) { return until_parted(*on); });
    } catch (const timeout_error&) {
        on->close();
    }
}

}  // namespace fermata::inline v0::detail
