#include <fermata/testing/explore_every_schedule.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace fermata::inline v0::detail {

namespace {

[[noreturn]] void refuse_schedule(const char* text) {
    throw value_error("FERMATA_SCHEDULE is \"" + std::string(text) +
                      "\"; it must be a schedule, as a failed test prints it: numbers, with commas between them");
}

std::vector<std::size_t> schedule_in(const char* text) {
    std::vector<std::size_t> places;
    const char* const end = text + std::strlen(text);
    for (const char* at = text;; ++at) {
        std::size_t place = 0;
        const auto [stopped, problem] = std::from_chars(at, end, place);
        if (problem != std::errc() || (stopped != end && *stopped != ',')) refuse_schedule(text);
        places.push_back(place);
        at = stopped;
        if (at == end) return places;
    }
}

}  // namespace

class schedule_search::order_of_run final : public schedule {
public:
    explicit order_of_run(schedule_search& search) noexcept : search_(search) {}
    void choose(intrusive_list<callback>& ready, intrusive_list<callback>& batch) override {
        search_.choose(ready, batch);
    }

private:
    schedule_search& search_;
};

schedule_search::standing schedule_search::standing::of(const callback& each) {
    const auto* const task = dynamic_cast<const task_core*>(&each);
    if (!task) return {each.describe(), {}};
    return {task->name(), task->innermost() ? task->innermost()->awaits_at : std::source_location()};
}

std::string schedule_search::standing::text() const {
    return where.line() == 0 ? who : who + " at " + where.file_name() + ":" + std::to_string(where.line());
}

schedule_search::schedule_search(const exploration_options& options)
    : deviations_(options.deviations), independent_(options.independent), limit_(options.schedule_limit) {
    if (limit_ == 0) throw value_error("explore_every_schedule needs at least one schedule");
    if (options.test.seed) throw value_error("explore_every_schedule takes no seed");
    const char* const replayed = std::getenv("FERMATA_SCHEDULE");
    if (!replayed) return;
    replays_ = true;
    for (const std::size_t place : schedule_in(replayed)) choices_.push_back({0, place, {}, {}, {}});
}

bool schedule_search::next() {
    if (runs_ > 0) {
        if (is_redundant_) ++redundant_;
        if (replays_) return false;
        while (!choices_.empty() && !advance(choices_.back())) choices_.pop_back();
        if (choices_.empty()) return false;
        if (runs_ == limit_) {
            throw test_failure("there are more than " + std::to_string(limit_) +
                               " schedules: make the program smaller, bound the deviations, or raise schedule_limit");
        }
    }
    ++runs_;
    passed_ = 0;
    is_redundant_ = false;
    strayed_.clear();
    asleep_.clear();
    return true;
}

// To the next alternative, if there is one.
bool schedule_search::advance(choice& last) const {
    if (deviations_) {
        const auto deviates = [](const choice& each) { return each.chosen != 0; };
        const auto before = std::count_if(choices_.begin(), choices_.end() - 1, deviates);
        if (static_cast<std::size_t>(before) >= *deviations_) return false;
    }
    do {
        ++last.chosen;
    } while (std::find(last.asleep.begin(), last.asleep.end(), last.chosen) != last.asleep.end());
    return last.chosen < last.ready;
}

std::unique_ptr<schedule> schedule_search::order() { return std::make_unique<order_of_run>(*this); }

// One in each turn: all that is ready then may be the next, what this one has scheduled too.
void schedule_search::choose(intrusive_list<callback>& ready, intrusive_list<callback>& batch) {
    if (ready.empty()) return;
    ready_.clear();
    ready.for_each([this](callback& each) { ready_.push_back(&each); });
    const std::size_t chosen = chosen_place();
    if (!deviations_ && !is_redundant_) fall_asleep_and_wake(chosen);
    ready_[chosen]->unlink();
    batch.push_back(*ready_[chosen]);
}

std::size_t schedule_search::chosen_place() {
    if (is_redundant_ || !strayed_.empty()) return 0;
    if (ready_.size() == 1) {
        is_redundant_ = is_asleep(ready_.front());
        return 0;
    }
    const bool repeats = passed_ < choices_.size();
    const std::size_t chosen = repeats ? chosen_before(choices_[passed_]) : chosen_anew();
    if (is_redundant_ || !strayed_.empty()) return 0;
    choice& made = choices_[passed_++];
    if (chosen != 0) {
        made.ran = standing::of(*ready_[chosen]);
        made.stayed = standing::of(*ready_.front());
    }
    return chosen;
}

std::size_t schedule_search::chosen_before(choice& at) {
    if (at.ready == 0 && at.chosen < ready_.size()) at.ready = ready_.size();
    if (at.ready != ready_.size()) {
        strayed_ = "at choice " + std::to_string(passed_ + 1) + " " + std::to_string(ready_.size()) +
                   " callbacks are ready, " +
                   (at.ready == 0 ? "too few for this schedule" : "and before there were " + std::to_string(at.ready));
    }
    return at.chosen;
}

std::size_t schedule_search::chosen_anew() {
    choice made{ready_.size(), 0, {}, {}, {}};
    for (std::size_t i = 0; i < ready_.size(); ++i) {
        if (is_asleep(ready_[i])) {
            made.asleep.push_back(i);
            if (made.chosen == i) ++made.chosen;
        }
    }
    const std::size_t chosen = made.chosen;
    is_redundant_ = chosen == ready_.size();
    if (!is_redundant_) choices_.push_back(std::move(made));
    return chosen;
}

bool schedule_search::is_asleep(const callback* each) const {
    return std::find(asleep_.begin(), asleep_.end(), each) != asleep_.end();
}

// Sleep sets (Godefroid 1996): where the search has gone on with a, and now goes on with b, with which a may change places,
// to go on with a next would lead where it has been. Only what may not change places with a wakes it.
void schedule_search::fall_asleep_and_wake(std::size_t chosen) {
    if (!independent_) return;
    std::erase_if(asleep_, [this](callback* each) {
        return std::find(ready_.begin(), ready_.end(), each) == ready_.end();  // it was cancelled
    });
    for (std::size_t i = 0; i < chosen; ++i) {
        if (!is_asleep(ready_[i])) asleep_.push_back(ready_[i]);
    }
    std::erase_if(asleep_, [&](callback* each) { return !may_change_places(*each, *ready_[chosen]); });
}

bool schedule_search::may_change_places(callback& a, callback& b) const {
    const auto* const one = dynamic_cast<task_core*>(&a);
    const auto* const other = dynamic_cast<task_core*>(&b);
    return one && other && independent_(one->name(), other->name());
}

std::string schedule_search::how_it_strayed() const {
    std::string how = strayed_;
    if (how.empty() && passed_ < choices_.size()) {
        how = "it ended after " + std::to_string(passed_) + " choices of " + std::to_string(choices_.size());
    }
    if (how.empty()) return "";
    return "the program is not deterministic: " + how + "; " +
           (replays_ ? "this schedule is of another program"
                     : "it must do the same whenever the same choices are made");
}

void schedule_search::check_repeated() const {
    if (const std::string how = how_it_strayed(); !how.empty()) throw test_failure(how);
}

std::string schedule_search::how_it_failed(const std::exception_ptr& raised) const {
    std::string text = "failed in schedule " + std::to_string(runs_) + ": ";
    text += text_of(raised) + "; replay with FERMATA_SCHEDULE=" + replayed_as();
    for (std::size_t i = 0; i < passed_; ++i) {
        const choice& each = choices_[i];
        if (each.chosen == 0) continue;
        text += "\n  choice " + std::to_string(i + 1) + ": " + each.ran.text() + " before " + each.stayed.text();
    }
    return text;
}

std::string schedule_search::replayed_as() const {
    std::size_t end = passed_;
    while (end > 1 && choices_[end - 1].chosen == 0) --end;
    std::string text;
    for (std::size_t i = 0; i < end; ++i) text += (i == 0 ? "" : ",") + std::to_string(choices_[i].chosen);
    return text.empty() ? "0" : text;
}

void schedule_search::fail(const std::exception_ptr& raised) const {
    std::string text = how_it_strayed();
    if (text.empty()) text = how_it_failed(raised);
    try {
        std::rethrow_exception(raised);
    } catch (...) {
        std::throw_with_nested(test_failure(text));
    }
}

}  // namespace fermata::inline v0::detail
