#include <fermata/io/detail/io_awaiter.hpp>
#include <fermata/task/timeout.hpp>
#include <fermata/task/wait.hpp>

#include "connection.hpp"

#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

namespace fermata::inline v0::detail {

namespace {

task<> until_parted(tls_endpoint& on) {
    plain_operation parting(on, {.code = io_code::sync});
    co_await parting;
}

}  // namespace

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
        parting_ = create_task(part(std::move(from)), {.name = "TLS shutdown"});
    } catch (const std::bad_alloc&) {
        return;
    }
}

namespace {

task<> until_done(any_task parting) {
    const std::vector<any_task> all{std::move(parting)};
    co_await fermata::wait(all);
}
task<> nothing() { co_return; }

}  // namespace

task<> tls_endpoint::wait_closed() const { return parting_ ? until_done(parting_) : nothing(); }

task<> tls_endpoint::part(std::unique_ptr<tls_connection> from) {
    constexpr std::chrono::seconds longest(30);
    const auto on = std::make_unique<tls_endpoint>(current_loop(), std::move(from));
    try {
        co_await fermata::with(timeout(longest), [&](timeout&) { return until_parted(*on); });
    } catch (const timeout_error&) {
        on->close();
    }
}

}  // namespace fermata::inline v0::detail
