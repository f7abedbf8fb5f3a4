#include "support.hpp"

#include "names.hpp"

#include <fermata/async.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <deque>
#include <optional>
#include <sstream>

namespace fuzz {

using fermata::any_task;
using fermata::future;
using fermata::task_handle;
using std::chrono::milliseconds;
using text = std::string;

namespace {

constexpr std::size_t longest_trace = 300;
constexpr std::size_t most_tasks = 40;
constexpr int shutdown_rounds = 60;

text shown(int value) { return std::to_string(value); }
text shown(std::size_t value) { return std::to_string(value); }
text shown(bool value) { return value ? "true" : "false"; }
text shown(const text& value) { return value; }
text shown(const fermata::outcome<int>& outcome) {
    if (outcome.exception()) return name(outcome.exception());
    auto copy = outcome;
    return shown(copy.value());
}
template <class Element>
text shown(const std::vector<Element>& values) {
    text all = "[";
    for (const auto& each : values) all += (all.size() == 1 ? "" : ", ") + shown(each);
    return all + "]";
}
template <class... Elements>
text shown_all(const Elements&... elements) {
    return shown(std::vector<text>{shown(elements)...});
}

template <class Future>
text state_of(const Future& future) {
    return future.cancelled() ? "cancelled" : future.done() ? "done" : "pending";
}

std::optional<std::chrono::nanoseconds> sleep_time(int delay) {
    if (delay < 0) return std::nullopt;
    return milliseconds(delay);
}

template <class Call>
void with_error(const text& kind, const char* message, Call call) {
    if (kind == "ValueError") return call(fermata::value_error(message));
    if (kind == "RuntimeError") return call(fermata::runtime_error(message));
    if (kind == "DemoError") return call(demo_error(message));
    if (kind == "TimeoutError") return call(fermata::timeout_error(message));
    if (kind == "CancelledError") return call(fermata::cancelled_error());
    if (kind == "StopIteration") return call(fermata::stop_iteration());
    std::abort();
}

int number_of(const any_task& of) { return std::stoi(of.name().substr(5)); }
bool is_named_by_the_library(const any_task& of) { return of.name().starts_with("Task-"); }

// Whether it is to be told of, and the program goes on.
bool is_caught(int caught) {
    if (caught == 2) return true;
    if (caught == 0) return false;
    try {
        throw;
    } catch (const std::exception&) {
        return true;
    } catch (...) {
        return false;
    }
}

}  // namespace

void raise(const char* kind, const char* text) {
    with_error(kind, text, [](auto error) { throw error; });
    std::abort();
}

// The three kinds of queues.
struct any_queue {
    virtual ~any_queue() = default;
    virtual void put_nowait(int value) = 0;
    virtual int get_nowait() = 0;
    virtual task<> put(int value) = 0;
    virtual task<int> get() = 0;
    virtual task<> join() = 0;
    virtual void task_done() = 0;
    virtual void shutdown(bool immediate) = 0;
    virtual text state() = 0;
};

template <class Queue>
struct queue_of final : any_queue {
    explicit queue_of(int maxsize) : queue(maxsize) {}
    void put_nowait(int value) override { queue.put_nowait(value); }
    int get_nowait() override { return queue.get_nowait(); }
    task<> put(int value) override { co_await queue.put(value); }
    task<int> get() override { co_return co_await queue.get(); }
    task<> join() override { co_await queue.join(); }
    void task_done() override { queue.task_done(); }
    void shutdown(bool immediate) override { queue.shutdown(immediate); }
    text state() override { return shown_all(queue.qsize(), queue.empty(), queue.full()); }
    Queue queue;
};

std::unique_ptr<any_queue> make_queue(const text& kind, int maxsize) {
    if (kind == "lifo") return std::make_unique<queue_of<fermata::lifo_queue<int>>>(maxsize);
    if (kind == "priority") return std::make_unique<queue_of<fermata::priority_queue<int>>>(maxsize);
    return std::make_unique<queue_of<fermata::queue<int>>>(maxsize);
}

// A future that gather or shield made, whatever its type.
struct kept_future {
    fermata::any_future future;
    std::function<task<text>()> wait;
};

template <class Future>
task<text> show(Future of) {
    auto given = co_await of;
    co_return shown(given);
}

template <class Future>
kept_future keep(Future made) {
    return {made, [made] { return show(made); }};
}

struct source {
    char kind;
    int number;
    int argument;
};

struct world::content {
    explicit content(const configuration& configured)
        : conf(configured), slots(configured.slots.size()), barrier(configured.parties) {
        queues[0] = make_queue(conf.queue, conf.maxsize);
        queues[1] = make_queue("fifo", 0);
        if (conf.bounded) {
            raw_limit = std::make_unique<fermata::bounded_semaphore>(conf.semaphore);
        } else {
            raw_limit = std::make_unique<fermata::semaphore>(conf.semaphore);
        }
    }

    const configuration& conf;
    std::vector<text> lines;
    std::vector<text> unseen;
    bool over = false;  // what goes on is no part of the trace
    int first = 0;
    int count = 0;
    fermata::event events[2];
    std::unique_ptr<any_queue> queues[2];
    fermata::mutex raw_gate;
    std::unique_ptr<fermata::semaphore> raw_limit;
    std::vector<task_handle<int>> slots;
    std::vector<task_handle<int>> tasks;
    future<int> futures[3];
    std::vector<future<int>> all_futures;
    std::optional<kept_future> kept[2];
    struct handle {
        fermata::callback_handle call;
        fermata::any_future of;  // none: of call_soon or call_later
    };
    handle handles[3];
    fermata::barrier barrier;
    std::deque<fermata::task_group> all_groups;
    std::deque<fermata::timeout> all_timeouts;
    fermata::task_group* groups[2] = {};
    fermata::timeout* timeouts[2] = {};

    task_handle<int>& task_in(int slot) {
        if (!slots[static_cast<std::size_t>(slot)]) throw empty();
        return slots[static_cast<std::size_t>(slot)];
    }

    void renew(int number) {
        futures[number] = fermata::create_future<int>();
        all_futures.push_back(futures[number]);
    }

    void forget() {
        all_futures.clear();
        slots.clear();
        tasks.clear();
        for (auto& each : futures) each = {};
        for (auto& each : kept) each.reset();
        for (auto& each : handles) each = {};
        for (auto& each : groups) each = nullptr;
        for (auto& each : timeouts) each = nullptr;
        if (fermata::all_tasks().size() == 1) {
            all_groups.clear();
            all_timeouts.clear();
            return;
        }
        // A task that waits for itself is still within them, and goes with the loop only.
        static auto& groups_for_ever = *new std::deque<std::deque<fermata::task_group>>;
        static auto& timeouts_for_ever = *new std::deque<std::deque<fermata::timeout>>;
        groups_for_ever.push_back(std::move(all_groups));
        timeouts_for_ever.push_back(std::move(all_timeouts));
    }

    void check_not_over() const {
        if (over) throw std::runtime_error("the program is over");
    }

    fermata::task<int> make(world& w, int slot, int number) {
        return conf.functions[static_cast<std::size_t>(conf.slots[static_cast<std::size_t>(slot)])](w, number);
    }
    fermata::task<int> call(world& w, const source& of) {
        return conf.functions[static_cast<std::size_t>(of.number)](w, of.argument);
    }

    std::vector<source> sources(const char* described) {
        std::vector<source> found;
        std::istringstream parts(described);
        for (text part; parts >> part;) {
            const auto dot = part.find('.');
            found.push_back(
                {part[0], std::stoi(part.substr(1)), dot == text::npos ? 0 : std::stoi(part.substr(dot + 1))});
            if (found.back().kind == 's' && !slots[static_cast<std::size_t>(found.back().number)]) found.pop_back();
        }
        return found;
    }

    // As futures, as Python's ensure_future gives.
    std::vector<future<int>> ensured(world& w, const std::vector<source>& of) {
        std::vector<future<int>> made;
        for (const source& each : of) {
            if (each.kind == 's') {
                made.push_back(fermata::ensure_future(task_in(each.number)));
            } else if (each.kind == 'f') {
                made.push_back(futures[each.number]);
            } else {
                made.push_back(fermata::ensure_future(call(w, each)));
            }
        }
        return made;
    }

    std::vector<future<int>> ensured(world& w, const char* described) { return ensured(w, sources(described)); }

    // The same, without repetitions.
    static std::vector<future<int>> distinct(const std::vector<future<int>>& all) {
        std::vector<future<int>> found;
        for (const future<int>& each : all) {
            if (std::find(found.begin(), found.end(), each) == found.end()) found.push_back(each);
        }
        return found;
    }

    // Calls with the source itself: a handle, a future or a coroutine.
    template <class Call>
    auto with(world& w, const source& of, Call call_with) {
        if (of.kind == 's') return call_with(task_in(of.number));
        if (of.kind == 'f') return call_with(futures[of.number]);
        return call_with(call(w, of));
    }
};

world::world(const configuration& of) : limit(std::max(1, of.semaphore)), all_(std::make_unique<content>(of)) {}
world::~world() = default;

// The trace

namespace {

text called(world& w, const any_task& of) {
    if (is_named_by_the_library(of)) return "Task+" + std::to_string(number_of(of) - w.all().first);
    return of.name();
}

template <class Operation>
void now(world& w, const char* at, int caught, const char* what, Operation operation) {
    text value;
    w.all().check_not_over();
    try {
        if constexpr (std::is_void_v<decltype(operation())>) {
            operation();
        } else {
            value = shown(operation());
        }
    } catch (...) {
        if (!is_caught(caught)) throw;
        w.say(at, what + (" raises " + name(std::current_exception())));
        return;
    }
    w.say(at, what + (" " + value));
}

template <class T>
task<> later(world& w, const char* at, int caught, const char* what, task<T> operation) {
    text value;
    w.all().check_not_over();
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(operation);
        } else {
            auto given = co_await std::move(operation);
            value = shown(given);
        }
    } catch (...) {
        if (!is_caught(caught)) throw;
        w.say(at, what + (" raises " + name(std::current_exception())));
        co_return;
    }
    w.say(at, what + (" " + value));
}

}  // namespace

void world::say(const char* at, const text& words) {
    if (all_->over || all_->lines.size() >= longest_trace) return;
    const any_task running = fermata::current_task();
    const auto time = std::chrono::duration_cast<milliseconds>(fermata::current_loop().time()).count();
    text line = at + (" " + std::to_string(time)) + " " + (running ? called(*this, running) : "-") + " " + words;
    while (!line.empty() && line.back() == ' ') line.pop_back();
    all_->lines.push_back(std::move(line));
}

void world::caught(const char* at, const std::exception_ptr& error) { say(at, "caught " + name(error)); }

namespace {

template <class Error>
text split_by(const fermata::exception_group& group) {
    const auto parts = group.split<Error>();
    const auto part = [](const auto& of) { return of ? name(std::make_exception_ptr(*of)) : text("None"); };
    return "splits " + part(parts.match) + " / " + part(parts.rest);
}

}  // namespace

void world::split(const char* at, const std::exception_ptr& error, const char* kind) {
    try {
        std::rethrow_exception(error);
    } catch (const fermata::exception_group& group) {
        with_error(kind, "", [&](auto example) { say(at, split_by<decltype(example)>(group)); });
    } catch (...) {
        say(at, "splits nothing");
    }
}

// The program

namespace {

task<> nothing() { co_return; }

void report(world& w, const fermata::error_context& context) {
    if (context.message.find("never retrieved") != text::npos) {
        w.all().unseen.push_back("unseen " + name(context.exception));
    } else {
        const text message = context.message.substr(0, context.message.find(" <"));
        w.say("loop", message + " " + (context.exception ? name(context.exception) : ""));
    }
}

// In the order of creation, those of the program's first.
std::vector<any_task> left_over(world& w) {
    std::vector<any_task> left;
    const any_task self = fermata::current_task();
    for (const any_task& each : fermata::all_tasks()) {
        if (each != self) left.push_back(each);
    }
    const auto& tasks = w.all().tasks;
    const auto age = [&](const any_task& of) {
        const auto at = std::find(tasks.begin(), tasks.end(), of);
        return at != tasks.end() ? std::pair<int, int>(0, at - tasks.begin()) : std::pair<int, int>(1, number_of(of));
    };
    std::sort(left.begin(), left.end(), [&](const auto& a, const auto& b) { return age(a) < age(b); });
    return left;
}

}  // namespace

task<> world::main() {
    auto handler = [this](fermata::event_loop&, const fermata::error_context& context) { report(*this, context); };
    fermata::current_loop().set_exception_handler(handler);
    for (int i = 0; i < 3; ++i) all_->renew(i);
    {
        auto probe = fermata::create_task(nothing());
        all_->first = number_of(probe);
        co_await probe;
    }
    {
        fermata::task_options options;
        options.name = "main";
        auto main_task = fermata::create_task(all_->conf.functions[0](*this, 0), options);
        all_->tasks.push_back(main_task);
        std::vector<any_task> waited(1, main_task);
        fermata::wait_options limited;
        limited.timeout = milliseconds(1000);
        co_await fermata::wait(waited, limited);
    }
    say("end", "of main");
    for (int round = 0; round < shutdown_rounds; ++round) {
        std::vector<any_task> left = left_over(*this);
        if (left.empty()) break;
        for (any_task& each : left) {
            say("end", "cancels " + called(*this, each));
            each.cancel();
        }
        left.clear();
        co_await fermata::sleep(milliseconds(100));
    }
    // What waits for a future that nobody has any more would never go: nothing collects cycles.
    for (auto& each : all_->all_futures) {
        if (!each.done()) each.cancel();
    }
    co_await fermata::sleep(milliseconds(100));
    for (auto& each : all_->tasks) say("end", each.name() + " " + state_of(each));
    all_->forget();
    std::sort(all_->unseen.begin(), all_->unseen.end());
    for (const text& each : all_->unseen) say("end", each);
    all_->over = true;
}

// Tasks

void world::spawn(const char* at, int caught, int slot, int number, int eager) {
    now(*this, at, caught, "spawn", [&]() -> text {
        if (all_->tasks.size() >= most_tasks) return "no more";
        const text name = "t" + std::to_string(all_->tasks.size());
        fermata::task_options options;
        options.name = name;
        options.eager_start = eager != 0;
        const std::size_t place = all_->tasks.size();
        all_->tasks.emplace_back();  // keeps its number: an eager one may spawn others before it is there
        auto made = fermata::create_task(all_->make(*this, slot, number), options);
        all_->tasks[place] = made;
        all_->slots[static_cast<std::size_t>(slot)] = made;
        return made.name();
    });
}

void world::group_spawn(const char* at, int caught, int group, int slot, int number) {
    now(*this, at, caught, "group_spawn", [&]() -> text {
        if (all_->tasks.size() >= most_tasks || !all_->groups[group]) return "no more";
        const text name = "t" + std::to_string(all_->tasks.size());
        fermata::task_options options;
        options.name = name;
        auto made = all_->groups[group]->create_task(all_->make(*this, slot, number), options);
        all_->tasks.push_back(made);
        all_->slots[static_cast<std::size_t>(slot)] = made;
        return made.name();
    });
}

void world::cancel(const char* at, int caught, int slot) {
    now(*this, at, caught, "cancel", [&] { return all_->task_in(slot).cancel(); });
}
void world::uncancel(const char* at, int caught, int slot) {
    now(*this, at, caught, "uncancel", [&] { return all_->task_in(slot).uncancel(); });
}
void world::cancelling(const char* at, int caught, int slot) {
    now(*this, at, caught, "cancelling", [&] { return all_->task_in(slot).cancelling(); });
}
void world::cancel_self(const char* at, int caught) {
    now(*this, at, caught, "cancel_self", [] { return fermata::current_task().cancel(); });
}
void world::uncancel_self(const char* at, int caught) {
    now(*this, at, caught, "uncancel_self", [] { return fermata::current_task().uncancel(); });
}
void world::cancelling_self(const char* at, int caught) {
    now(*this, at, caught, "cancelling_self", [] { return fermata::current_task().cancelling(); });
}
void world::state(const char* at, int caught, int slot) {
    now(*this, at, caught, "state", [&] { return state_of(all_->task_in(slot)); });
}
void world::result(const char* at, int caught, int slot) {
    now(*this, at, caught, "result", [&] { return all_->task_in(slot).result(); });
}
void world::exception(const char* at, int caught, int slot) {
    now(*this, at, caught, "exception", [&] {
        const auto raised = all_->task_in(slot).exception();
        return raised ? name(raised) : "";
    });
}

// Futures

void world::set_result(const char* at, int caught, int future, int value) {
    now(*this, at, caught, "set_result", [&] { all_->futures[future].set_result(value); });
}
void world::set_exception(const char* at, int caught, int future, const char* kind, const char* text) {
    now(*this, at, caught, "set_exception",
        [&] { with_error(kind, text, [&](auto error) { all_->futures[future].set_exception(error); }); });
}
void world::cancel_future(const char* at, int caught, int future) {
    now(*this, at, caught, "cancel_future", [&] { return all_->futures[future].cancel(); });
}
void world::renew(const char* at, int caught, int future) {
    now(*this, at, caught, "renew", [&] { all_->renew(future); });
}
void world::future_state(const char* at, int caught, int future) {
    now(*this, at, caught, "future_state", [&] { return state_of(all_->futures[future]); });
}
void world::future_result(const char* at, int caught, int future) {
    now(*this, at, caught, "future_result", [&] { return all_->futures[future].result(); });
}
void world::future_exception(const char* at, int caught, int future) {
    now(*this, at, caught, "future_exception", [&] {
        const auto raised = all_->futures[future].exception();
        return raised ? name(raised) : "";
    });
}

// Callbacks

namespace {

auto telling(world& w, const char* at, std::function<void()>&& call) {
    return [&w, at, call = std::move(call)] {
        w.say(at, "is called");
        call();
    };
}

void keep_handle(world& w, const char* at, int handle, fermata::callback_handle made, fermata::any_future of = {}) {
    w.all().handles[handle].call = std::move(made);
    w.all().handles[handle].of = std::move(of);
    w.say(at, "handle");
}

}  // namespace

void world::call_soon(const char* at, int, int handle, std::function<void()> call) {
    keep_handle(*this, at, handle, fermata::current_loop().call_soon(telling(*this, at, std::move(call))));
}
void world::call_later(const char* at, int delay, int handle, std::function<void()> call) {
    auto made = fermata::current_loop().call_later(milliseconds(delay), telling(*this, at, std::move(call)));
    keep_handle(*this, at, handle, std::move(made));
}
void world::call_slot(const char* at, int slot, int handle, std::function<void()> call) {
    auto& task = all_->slots[static_cast<std::size_t>(slot)];
    if (!task) return say(at, "empty");
    keep_handle(*this, at, handle, task.add_done_callback(telling(*this, at, std::move(call))), task);
}
void world::call_future(const char* at, int future, int handle, std::function<void()> call) {
    auto made = all_->futures[future].add_done_callback(telling(*this, at, std::move(call)));
    keep_handle(*this, at, handle, std::move(made), all_->futures[future]);
}
void world::cancel_handle(const char* at, int caught, int handle) {
    now(*this, at, caught, "cancel_handle", [&] {
        if (!all_->handles[handle].of) all_->handles[handle].call.cancel();
    });
}
void world::remove_callback(const char* at, int caught, int handle) {
    now(*this, at, caught, "remove_callback", [&] {
        const auto& kept = all_->handles[handle].of;
        if (kept && !kept.done()) all_->handles[handle].call.cancel();
    });
}

// Synchronisation

void world::event_set(const char* at, int caught, int event) {
    now(*this, at, caught, "event_set", [&] { all_->events[event].set(); });
}
void world::event_clear(const char* at, int caught, int event) {
    now(*this, at, caught, "event_clear", [&] { all_->events[event].clear(); });
}
void world::event_state(const char* at, int caught, int event) {
    now(*this, at, caught, "event_state", [&] { return all_->events[event].is_set(); });
}

// Coroutines that capture nothing: what they use is in their parameters.
task<> world::event_wait(const char* at, int caught, int event) {
    auto wait = [](fermata::event& e) -> task<> { co_await e.wait(); };
    return later(*this, at, caught, "event_wait", wait(all_->events[event]));
}
void world::put_nowait(const char* at, int caught, int queue, int value) {
    now(*this, at, caught, "put_nowait", [&] { all_->queues[queue]->put_nowait(value); });
}
void world::get_nowait(const char* at, int caught, int queue) {
    now(*this, at, caught, "get_nowait", [&] { return all_->queues[queue]->get_nowait(); });
}
void world::task_done(const char* at, int caught, int queue) {
    now(*this, at, caught, "task_done", [&] { all_->queues[queue]->task_done(); });
}
void world::shutdown(const char* at, int caught, int queue, int immediate) {
    now(*this, at, caught, "shutdown", [&] { all_->queues[queue]->shutdown(immediate != 0); });
}
void world::queue_state(const char* at, int caught, int queue) {
    now(*this, at, caught, "queue_state", [&] { return all_->queues[queue]->state(); });
}
task<> world::put(const char* at, int caught, int queue, int value) {
    return later(*this, at, caught, "put", all_->queues[queue]->put(value));
}
task<> world::get(const char* at, int caught, int queue) {
    return later(*this, at, caught, "get", all_->queues[queue]->get());
}
task<> world::join(const char* at, int caught, int queue) {
    return later(*this, at, caught, "join", all_->queues[queue]->join());
}
void world::release_semaphore(const char* at, int caught) {
    now(*this, at, caught, "release_semaphore", [&] { all_->raw_limit->release(); });
}
task<> world::acquire_semaphore(const char* at, int caught) {
    auto acquire = [](fermata::semaphore& s) -> task<> { co_await s.acquire(); };
    return later(*this, at, caught, "acquire_semaphore", acquire(*all_->raw_limit));
}
void world::release_mutex(const char* at, int caught) {
    now(*this, at, caught, "release_mutex", [&] { all_->raw_gate.unlock(); });
}
void world::mutex_state(const char* at, int caught) {
    now(*this, at, caught, "mutex_state",
        [&] { return shown_all(all_->raw_gate.locked(), gate.locked(), all_->raw_limit->locked()); });
}
task<> world::acquire_mutex(const char* at, int caught) {
    auto acquire = [](fermata::mutex& m) -> task<> { co_await m.acquire(); };
    return later(*this, at, caught, "acquire_mutex", acquire(all_->raw_gate));
}
void world::notify(const char* at, int caught, int number) {
    now(*this, at, caught, "notify", [&] { changed.notify(number); });
}
void world::notify_all(const char* at, int caught) {
    now(*this, at, caught, "notify_all", [&] { changed.notify_all(); });
}
void world::bump(const char* at, int caught) {
    now(*this, at, caught, "bump", [&] { return ++all_->count; });
}
task<> world::condition_wait(const char* at, int caught) {
    return later(*this, at, caught, "condition_wait", changed.wait());
}
task<> world::condition_wait_for(const char* at, int caught, int number) {
    return later(*this, at, caught, "condition_wait_for",
                 changed.wait_for([this, number] { return all_->count >= number; }));
}
task<> world::condition_misuse(const char* at, int caught) {
    auto wait = [](fermata::condition& c) -> task<text> {
        if (c.locked()) co_return "locked";
        co_await c.wait();
        co_return "";
    };
    return later(*this, at, caught, "condition_misuse", wait(changed));
}
void world::barrier_state(const char* at, int caught) {
    now(*this, at, caught, "barrier_state",
        [&] { return shown_all(all_->barrier.n_waiting(), all_->barrier.broken()); });
}
task<> world::barrier_wait(const char* at, int caught) {
    return later(*this, at, caught, "barrier_wait", all_->barrier.wait());
}
task<> world::barrier_reset(const char* at, int caught) {
    return later(*this, at, caught, "barrier_reset", all_->barrier.reset());
}
task<> world::barrier_abort(const char* at, int caught) {
    return later(*this, at, caught, "barrier_abort", all_->barrier.abort());
}

// Scopes

task<> world::in_group(const char* at, int group, bool fresh, body run) {
    if (fresh || !all_->groups[group]) all_->groups[group] = &all_->all_groups.emplace_back();
    fermata::task_group& entered = *all_->groups[group];
    auto inside = [&run](fermata::task_group&) -> task<> { co_await run(); };
    co_await fermata::with(entered, inside);
    say(at, "leaves the group");
}

task<> world::in_timeout(const char* at, int number, bool fresh, int delay, bool absolute, body run) {
    if (fresh || !all_->timeouts[number]) {
        if (absolute && delay >= 0) {
            all_->timeouts[number] = &all_->all_timeouts.emplace_back(fermata::timeout_at(milliseconds(delay)));
        } else {
            all_->timeouts[number] = &all_->all_timeouts.emplace_back(sleep_time(delay));
        }
    }
    fermata::timeout& entered = *all_->timeouts[number];
    auto inside = [&run](fermata::timeout&) -> task<> { co_await run(); };
    co_await fermata::with(entered, inside);
    say(at, "leaves the timeout");
}

void world::reschedule(const char* at, int caught, int number, int delay) {
    now(*this, at, caught, "reschedule", [&] {
        if (!all_->timeouts[number]) return;
        std::optional<std::chrono::nanoseconds> when;
        if (delay >= 0) when = fermata::current_loop().time() + milliseconds(delay);
        all_->timeouts[number]->reschedule(when);
    });
}

void world::timeout_state(const char* at, int caught, int number) {
    now(*this, at, caught, "timeout_state", [&]() -> text {
        const fermata::timeout* limit = all_->timeouts[number];
        if (!limit) return "";
        const int when = limit->when() ? static_cast<int>(*limit->when() / milliseconds(1)) : -1;
        return shown_all(when, limit->expired());
    });
}

// What awaits

task<> world::sleep(const char* at, int caught, int delay) {
    auto wait = [](int d) -> task<> { co_await fermata::sleep(milliseconds(d)); };
    return later(*this, at, caught, "sleep", wait(delay));
}
task<> world::await_slot(const char* at, int caught, int slot) {
    auto wait = [](content& all, int s) -> task<int> {
        auto handle = all.task_in(s);
        co_return co_await handle;
    };
    return later(*this, at, caught, "await_slot", wait(*all_, slot));
}
task<> world::await_future(const char* at, int caught, int future) {
    auto wait = [](fermata::future<int> f) -> task<int> { co_return co_await f; };
    return later(*this, at, caught, "await_future", wait(all_->futures[future]));
}
task<> world::await_call(const char* at, int caught, int function, int number) {
    return later(*this, at, caught, "await_call", all_->call(*this, {'c', function, number}));
}

task<> world::wait_for(const char* at, int caught, const char* described, int delay) {
    auto wait = [](world& w, const char* what, int d) -> task<text> {
        const std::vector<source> found = w.all().sources(what);
        if (found.empty()) co_return "empty";
        auto limited = w.all().with(
            w, found[0], [&](auto&& s) { return fermata::wait_for(std::forward<decltype(s)>(s), sleep_time(d)); });
        const int given = co_await std::move(limited);
        co_return shown(given);
    };
    return later(*this, at, caught, "wait_for", wait(*this, described, delay));
}

task<> world::shield(const char* at, int caught, const char* described) {
    auto wait = [](world& w, const char* what) -> task<text> {
        const std::vector<source> found = w.all().sources(what);
        if (found.empty()) co_return "empty";
        auto shielded =
            w.all().with(w, found[0], [](auto&& s) { return fermata::shield(std::forward<decltype(s)>(s)); });
        const int given = co_await std::move(shielded);
        co_return shown(given);
    };
    return later(*this, at, caught, "shield", wait(*this, described));
}

namespace {

task<text> shown_pair(auto gathered) {
    auto given = co_await std::move(gathered);
    co_return shown_all(std::get<0>(given), std::get<1>(given));
}

// Two coroutines, or two tasks: gather's other form. Several coroutines: a container that is moved in.
task<text> gathered(world& w, const char* described, bool keeps) {
    auto& all = w.all();
    const std::vector<source> found = all.sources(described);
    const auto all_are = [&](char kind) {
        return std::all_of(found.begin(), found.end(), [&](const source& each) { return each.kind == kind; });
    };
    if (found.size() == 2 && all_are('c')) {
        if (keeps) {
            return shown_pair(
                fermata::gather(fermata::return_exceptions, all.call(w, found[0]), all.call(w, found[1])));
        }
        return shown_pair(fermata::gather(all.call(w, found[0]), all.call(w, found[1])));
    }
    if (found.size() == 2 && all_are('s')) {
        auto& a = all.task_in(found[0].number);
        auto& b = all.task_in(found[1].number);
        if (keeps) return shown_pair(fermata::gather(fermata::return_exceptions, a, b));
        return shown_pair(fermata::gather(a, b));
    }
    if (!found.empty() && all_are('c')) {
        std::vector<task<int>> coroutines;
        for (const source& each : found) coroutines.push_back(all.call(w, each));
        if (keeps) return show(fermata::gather(fermata::return_exceptions, std::move(coroutines)));
        return show(fermata::gather(std::move(coroutines)));
    }
    const std::vector<future<int>> futures = all.ensured(w, found);
    if (keeps) return show(fermata::gather(fermata::return_exceptions, futures));
    return show(fermata::gather(futures));
}

text called(world& w, const future<int>& of) {
    for (const any_task& each : w.all().tasks) {
        if (each == of) return called(w, each);
    }
    for (const any_task& each : fermata::all_tasks()) {
        if (each == of) return called(w, each);
    }
    for (int i = 0; i < 3; ++i) {
        if (w.all().futures[i] == of) return "f" + std::to_string(i);
    }
    return "f";
}

}  // namespace

task<> world::gather(const char* at, int caught, const char* described, int keeps_exceptions) {
    auto wait = [](world& w, const char* what, bool keeps) -> task<text> {
        auto all = gathered(w, what, keeps);
        co_return co_await std::move(all);
    };
    return later(*this, at, caught, "gather", wait(*this, described, keeps_exceptions != 0));
}

task<> world::wait(const char* at, int caught, const char* described, const char* mode, int delay) {
    auto wait = [](world& w, const char* what, const char* how, int d) -> task<text> {
        const std::vector<future<int>> given = w.all().ensured(w, what);
        const std::vector<future<int>> futures = world::content::distinct(given);
        std::vector<text> names;  // now, of the tasks: those that are done are found no more
        for (const auto& each : futures) names.push_back(called(w, each));
        fermata::wait_options options;
        if (d >= 0) options.timeout = milliseconds(d);
        if (!std::strcmp(how, "FIRST_COMPLETED")) options.return_when = fermata::return_when::first_completed;
        if (!std::strcmp(how, "FIRST_EXCEPTION")) options.return_when = fermata::return_when::first_exception;
        auto waiting = fermata::wait(given, options);
        const auto ended = co_await std::move(waiting);
        const auto in_order = [&](const std::vector<future<int>>& some) {
            text listed;
            for (std::size_t i = 0; i < futures.size(); ++i) {
                if (std::find(some.begin(), some.end(), futures[i]) == some.end()) continue;
                const text name = names[i].front() == 'f' ? called(w, futures[i]) : names[i];
                listed += (listed.empty() ? "" : " ") + name;
            }
            return listed;
        };
        co_return in_order(ended.done) + " | " + in_order(ended.pending);
    };
    return later(*this, at, caught, "wait", wait(*this, described, mode, delay));
}

task<> world::as_completed(const char* at, int caught, const char* described, int delay) {
    auto wait = [](world& w, const char* what, int d) -> task<std::vector<int>> {
        std::vector<future<int>> futures;
        future<int> done;
        for (const auto& each : w.all().ensured(w, what)) {
            if (each.done() && done && done != each) continue;
            if (each.done()) done = each;
            futures.push_back(each);
        }
        std::vector<int> results;
        auto completions = fermata::as_completed(futures, sleep_time(d));
        for (auto& each : completions) {
            try {
                const int value = co_await each;
                w.say("next", shown(value));
                results.push_back(value);
            } catch (const std::exception&) {
                w.say("next", name(std::current_exception()));
            }
        }
        co_return results;
    };
    return later(*this, at, caught, "as_completed", wait(*this, described, delay));
}

// Futures that are kept

void world::make_gather(const char* at, int caught, int kept, const char* described, int keeps_exceptions) {
    now(*this, at, caught, "make_gather", [&] {
        const std::vector<future<int>> futures = all_->ensured(*this, all_->sources(described));
        if (keeps_exceptions) {
            all_->kept[kept] = keep(fermata::gather(fermata::return_exceptions, futures));
        } else {
            all_->kept[kept] = keep(fermata::gather(futures));
        }
    });
}
void world::make_shield(const char* at, int caught, int kept, const char* described) {
    now(*this, at, caught, "make_shield", [&]() -> text {
        const std::vector<source> found = all_->sources(described);
        if (found.empty()) return "empty";
        all_->kept[kept] =
            keep(all_->with(*this, found[0], [](auto&& s) { return fermata::shield(std::forward<decltype(s)>(s)); }));
        return "";
    });
}
void world::cancel_kept(const char* at, int caught, int kept) {
    now(*this, at, caught, "cancel_kept",
        [&]() -> text { return all_->kept[kept] ? shown(all_->kept[kept]->future.cancel()) : ""; });
}
void world::kept_state(const char* at, int caught, int kept) {
    now(*this, at, caught, "kept_state",
        [&]() -> text { return all_->kept[kept] ? state_of(all_->kept[kept]->future) : ""; });
}
task<> world::await_kept(const char* at, int caught, int kept) {
    auto wait = [](world& w, int number) -> task<text> {
        if (!w.all().kept[number]) co_return "";
        auto waiting = w.all().kept[number]->wait();
        co_return co_await std::move(waiting);
    };
    return later(*this, at, caught, "await_kept", wait(*this, kept));
}

// The programs

namespace {

void run_one(const program& each) {
    configuration made;
    each.make(made);
    world w(made);
    fermata::run_options options;
    options.virtual_time = true;
    try {
        fermata::run(w.main(), options);
    } catch (const fermata::deadlock_error&) {
        if (!w.all().over) w.all().lines.push_back("deadlock");
    }
    std::printf("== %s\n", each.name);
    for (const text& line : w.all().lines) std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

}  // namespace

int run(const program* programs, int count, int argc, char** argv) {
    for (int i = 0; i < count; ++i) {
        bool chosen = argc == 1;
        for (int j = 1; j < argc; ++j) chosen = chosen || !std::strcmp(argv[j], programs[i].name);
        if (chosen) run_one(programs[i]);
    }
    return 0;
}

}  // namespace fuzz
