#pragma once

// What a loop does when a signal has come.

#include <fermata/base/intrusive_list.hpp>
#include <fermata/loop/callback.hpp>
#include <fermata/loop/detail/signal_watch.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/sync/event.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fermata::inline v0::detail {

/// Raises what os/signals.hpp says.
void install(signal_watch& watch);

/// The user's callback, as the loop runs it.
class signal_handler : public callback, public signal_watch, public std::enable_shared_from_this<signal_handler> {
public:
    using signal_watch::signal_watch;
    void run() final;
    std::string describe() const final { return "<handler of signal " + std::to_string(signal()) + ">"; }

private:
    virtual void call() = 0;
    void heard() noexcept final {
        if (!linked()) loop().schedule(*this);
    }
};

template <class Callback>
class signal_handler_of final : public signal_handler {
public:
    signal_handler_of(event_loop& loop, int signal, Callback&& does)
        : signal_handler(loop, signal), callback_(std::move(does)) {}

private:
    void call() override { callback_(); }
    Callback callback_;
};

void add_signal_handler(std::shared_ptr<signal_handler> handler);

class received_signals;

/// Those of a loop, and who receives them.
class signal_handlers final : public loop_extension {
public:
    static signal_handlers& of(event_loop& loop);
    void add(std::shared_ptr<signal_handler> handler);
    bool remove(int signal) noexcept;
    void add(received_signals& received) noexcept;
    void close() noexcept override;

private:
    std::vector<std::shared_ptr<signal_handler>> handlers_;
    intrusive_list<received_signals> receivers_;
};

/// Several signals, and whether they have come. May outlive the loop, and hears of no more then.
class received_signals : public list_node {
public:
    explicit received_signals(event_loop& loop) : loop_(loop) { signal_handlers::of(loop).add(*this); }
    void add(int signal);
    void stop() noexcept;
    /// 0 where none has come.
    int take() noexcept;
    event& any() noexcept { return any_; }

private:
    class one final : public signal_watch {
    public:
        one(event_loop& loop, int signal, received_signals& all) noexcept : signal_watch(loop, signal), all_(all) {}
        bool has_come = false;

    private:
        void heard() noexcept override {
            has_come = true;
            all_.any_.set();
        }
        received_signals& all_;
    };

    event_loop& loop_;
    event any_;
    std::vector<std::unique_ptr<one>> signals_;
};

}  // namespace fermata::inline v0::detail
