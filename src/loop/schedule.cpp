#include <fermata/loop/schedule.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace fermata::inline v0 {

namespace {

// splitmix64 (Steele, Lea, Flood 2014). Ours, and not <random>'s: the distributions of that differ between platforms.
class generator_of_numbers {
public:
    explicit generator_of_numbers(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t next() noexcept {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31);
    }

    /// From 0 to limit - 1; limit is less than 2^32.
    std::size_t below(std::size_t limit) noexcept { return static_cast<std::size_t>(((next() >> 32) * limit) >> 32); }

private:
    std::uint64_t state_;
};

class seeded_schedule final : public schedule {
public:
    explicit seeded_schedule(std::uint64_t seed) noexcept : random_(seed) {}

    // Shuffles what is ready, and runs a part of it, each size as likely as any other. Permutations alone would keep all
    // tasks in step: what takes three turns could never come before what takes two.
    void choose(detail::intrusive_list<detail::callback>& ready,
                detail::intrusive_list<detail::callback>& batch) override {
        while (!ready.empty()) shuffled_.push_back(&ready.pop_front());
        if (shuffled_.empty()) return;
        const std::size_t now = 1 + random_.below(shuffled_.size());
        for (std::size_t i = 0; i < now; ++i) {
            std::swap(shuffled_[i], shuffled_[i + random_.below(shuffled_.size() - i)]);
            batch.push_back(*shuffled_[i]);
        }
        for (std::size_t i = now; i < shuffled_.size(); ++i) ready.push_back(*shuffled_[i]);
        shuffled_.clear();
    }

private:
    generator_of_numbers random_;
    std::vector<detail::callback*> shuffled_;
};

}  // namespace

std::unique_ptr<schedule> make_seeded_schedule(std::uint64_t seed) { return std::make_unique<seeded_schedule>(seed); }

}  // namespace fermata::inline v0
