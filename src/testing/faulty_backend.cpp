#include <fermata/testing/detail/fault_plan.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace fermata::inline v0::detail {

namespace {

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): nobody destroys it as an operation
class relay;

// Who gets what came of a relay.
class relay_owner {
public:
    virtual void hear(relay& from, int result) noexcept = 0;

protected:
    ~relay_owner() = default;
};

// Stands for an operation in the backend that does it: asks for less, and so the other can be told later.
class relay final : public operation {
public:
    relay(relay_owner& by, operation& whose, std::size_t most)
        : operation(whose.on(), whose.request), by_(by), whose_(whose), most_(most) {
        if (moves_bytes()) request.size = std::min(request.size, most_);
        if (request.code == io_code::send_message && is_of_stream()) shorten_message();
    }
    ~relay() { end(); }

    operation& whose() const noexcept { return whose_; }
    /// Whoever waits cannot wait any longer.
    bool urgent = false;

private:
    bool advance(int result) noexcept override {
        by_.hear(*this, result);
        return true;
    }

    bool make_room(std::size_t size) noexcept override {
        if (!whose_.make_room(size)) return false;
        request.address = whose_.request.address;
        request.size = std::min(whose_.request.size, most_);
        return true;
    }

    bool moves_bytes() const noexcept {
        return request.code == io_code::read || request.code == io_code::write || request.code == io_code::receive ||
               request.code == io_code::send || request.code == io_code::send_file;
    }

    // A datagram goes as a whole.
    bool is_of_stream() const noexcept {
        int type = 0;
        socklen_t size = sizeof type;
        return getsockopt(on().descriptor(), SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
    }

    void shorten_message() {
        message_ = *static_cast<const msghdr*>(request.address);
        std::size_t left = most_;
        for (std::size_t i = 0; i < message_.msg_iovlen && left > 0; ++i) {
            iovec piece = message_.msg_iov[i];
            piece.iov_len = std::min(piece.iov_len, left);
            left -= piece.iov_len;
            pieces_.push_back(piece);
        }
        message_.msg_iov = pieces_.data();
        message_.msg_iovlen = pieces_.size();
        request.address = &message_;
    }

    relay_owner& by_;
    operation& whose_;
    std::size_t most_;
    msghdr message_{};
    std::vector<iovec> pieces_;
};

// An operation is delayed, then under way as a relay, then held, until it is told.
class faulty_backend final : public backend, public relay_owner {
public:
    faulty_backend(event_loop& loop, std::unique_ptr<backend> inner, std::shared_ptr<fault_plan> plan)
        : backend(loop), inner_(std::move(inner)), plan_(std::move(plan)) {}
    ~faulty_backend() override {
        for (waiting each : std::exchange(waiting_, {})) {
            each.what->become_orphan();
            each.what->complete(each.result);
        }
        while (!relays_.empty()) {
            operation& whose = relays_.back()->whose();
            whose.become_orphan();
            drain(whose);
        }
    }

    std::string_view name() const noexcept override { return inner_->name(); }
    bool does_files() const noexcept override { return inner_->does_files(); }
    int descriptor() override { return inner_->descriptor(); }
    bool expects() const noexcept override { return !waiting_.empty() || inner_->expects(); }
    void wake() noexcept override { inner_->wake(); }
    void flush() noexcept override { inner_->flush(); }

    void wait(std::optional<std::chrono::nanoseconds> timeout) override {
        spent_.clear();
        inner_->wait(waiting_.empty() ? timeout : std::chrono::nanoseconds(0));
        for (waiting& each : waiting_) --each.turns;
        for (;;) {
            const auto due = std::ranges::find_if(waiting_, [](const waiting& each) { return each.turns == 0; });
            if (due == waiting_.end()) break;
            const waiting next = *due;
            waiting_.erase(due);
            if (next.is_done) {
                next.what->complete(next.result);
            } else {
                begin(*next.what);
            }
        }
    }

    void adopt(descriptor_endpoint& e) override { inner_->adopt(e); }
    void remove(descriptor_endpoint& e) noexcept override { inner_->remove(e); }

    void submit(operation& o) noexcept override {
        if (is_relay(o)) return inner_->submit(o);
        if (const unsigned turns = plan_->delay(o)) {
            waiting_.push_back({&o, turns, false, -ECANCELED});
        } else {
            begin(o);
        }
    }

    // What is done and held is told soon in any case.
    void cancel(operation& o) noexcept override {
        if (is_relay(o)) return inner_->cancel(o);
        if (relay* const running = relay_of(o)) {
            running->cancel();
        } else if (const auto found = find(o); !found->is_done) {
            waiting_.erase(found);
            o.complete(-ECANCELED);
        }
    }

    void drain(operation& o) noexcept override {
        if (is_relay(o)) return inner_->drain(o);
        if (relay* const running = relay_of(o)) {
            running->urgent = true;
            running->abort();
        } else {
            const auto found = find(o);
            const int result = found->result;
            waiting_.erase(found);
            o.complete(result);
        }
    }

private:
    struct waiting {
        operation* what;
        unsigned turns;
        bool is_done;
        int result;
    };

    void add(descriptor_endpoint&) override {}  // adopt() has another add it

    static bool is_relay(const operation& o) noexcept { return dynamic_cast<const relay*>(&o) != nullptr; }

    relay* relay_of(const operation& o) noexcept {
        const auto found = std::ranges::find_if(relays_, [&](const auto& each) { return &each->whose() == &o; });
        return found == relays_.end() ? nullptr : found->get();
    }
    std::vector<waiting>::iterator find(const operation& o) noexcept {
        return std::ranges::find_if(waiting_, [&](const waiting& each) { return each.what == &o; });
    }

    void begin(operation& o) noexcept {
        if (const int failure = plan_->failure(o)) return tell(o, failure);
        relays_.push_back(std::make_unique<relay>(*this, o, plan_->most_bytes(o)));
        relays_.back()->start();
    }

    void hear(relay& from, int result) noexcept override {
        operation& o = from.whose();
        from.take();
        const bool urgent = from.urgent;
        // It is in the middle of being completed: it goes later.
        const auto found = std::ranges::find_if(relays_, [&](const auto& each) { return each.get() == &from; });
        spent_.push_back(std::move(*found));
        relays_.erase(found);
        if (urgent) return o.complete(result);
        tell(o, result);
    }

    void tell(operation& o, int result) noexcept {
        if (const unsigned turns = plan_->hold(o)) {
            waiting_.push_back({&o, turns, true, result});
        } else {
            o.complete(result);
        }
    }

    std::unique_ptr<backend> inner_;
    std::shared_ptr<fault_plan> plan_;
    std::vector<waiting> waiting_;
    std::vector<std::unique_ptr<relay>> relays_;
    std::vector<std::unique_ptr<relay>> spent_;
};

}  // namespace

std::unique_ptr<backend> make_faulty_backend(event_loop& loop, std::shared_ptr<fault_plan> plan) {
    return std::make_unique<faulty_backend>(loop, make_backend(loop), std::move(plan));
}

}  // namespace fermata::inline v0::detail
