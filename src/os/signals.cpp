#include <fermata/base/errors.hpp>
#include <fermata/os/signals.hpp>

#include <algorithm>
#include <csignal>

namespace fermata::inline v0 {

namespace detail {

void install(signal_watch& watch) {
    const std::string number = std::to_string(watch.signal());
    if (!signal_watch::is_main_thread()) throw runtime_error("signal handlers work on the main thread only");
    if (watch.signal() <= 0 || watch.signal() >= NSIG) throw value_error("invalid signal number " + number);
    if (watch.install() != 0) throw runtime_error("sig " + number + " cannot be caught");
}

// It may remove itself.
void signal_handler::run() {
    const std::shared_ptr<signal_handler> keep = shared_from_this();
    call();
}

void add_signal_handler(std::shared_ptr<signal_handler> handler) {
    signal_handlers& all = signal_handlers::of(handler->loop());
    install(*handler);
    all.add(std::move(handler));
}

signal_handlers& signal_handlers::of(event_loop& loop) {
    auto& extension = loop.extension(extension_slot::signals);
    if (!extension) extension = std::make_unique<signal_handlers>();
    return static_cast<signal_handlers&>(*extension);
}

// The one before is heard no more, and goes.
void signal_handlers::add(std::shared_ptr<signal_handler> handler) {
    std::erase_if(handlers_, [&](auto& each) { return each->signal() == handler->signal(); });
    handlers_.push_back(std::move(handler));
}

bool signal_handlers::remove(int signal) noexcept {
    const auto found =
        std::find_if(handlers_.begin(), handlers_.end(), [&](auto& each) { return each->signal() == signal; });
    if (found == handlers_.end()) return false;
    (*found)->remove();
    (*found)->unlink();
    handlers_.erase(found);
    return true;
}

void signal_handlers::add(received_signals& received) noexcept { receivers_.push_back(received); }

void signal_handlers::close() noexcept {
    handlers_.clear();
    while (!receivers_.empty()) receivers_.pop_front().stop();
}

void received_signals::add(int signal) {
    auto made = std::make_unique<one>(loop_, signal, *this);
    install(*made);
    signals_.push_back(std::move(made));
    std::sort(signals_.begin(), signals_.end(), [](auto& a, auto& b) { return a->signal() < b->signal(); });
}

void received_signals::stop() noexcept {
    for (auto& each : signals_) each->remove();
}

int received_signals::take() noexcept {
    for (auto& each : signals_) {
        if (std::exchange(each->has_come, false)) return each->signal();
    }
    any_.clear();
    return 0;
}

}  // namespace detail

bool remove_signal_handler(int signal) { return detail::signal_handlers::of(current_loop()).remove(signal); }

signal_receiver::signal_receiver(std::initializer_list<int> signals)
    : received_(std::make_shared<detail::received_signals>(current_loop())) {
    for (const int each : signals) received_->add(each);
}

task<int> signal_receiver::next_of(std::shared_ptr<detail::received_signals> received) {
    if (!received) throw runtime_error("this receiver was moved from");
    for (;;) {
        if (const int signal = received->take()) co_return signal;
        co_await received->any().wait();
    }
}

}  // namespace fermata::inline v0
