#include <fermata/testing/explore_schedules.hpp>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>

namespace fermata::inline v0::detail {

namespace {

std::optional<std::uint64_t> seed_of_the_environment() {
    const char* const text = std::getenv("FERMATA_SEED");
    if (!text) return std::nullopt;
    std::uint64_t seed = 0;
    const char* const end = text + std::strlen(text);
    const auto [stopped, problem] = std::from_chars(text, end, seed);
    if (problem != std::errc() || stopped != end) {
        throw value_error("FERMATA_SEED is \"" + std::string(text) +
                          "\"; it must be a seed, as a failed test prints it");
    }
    return seed;
}

}  // namespace

exploration::exploration(std::size_t schedules, const test_options& options)
    : options_(options), schedules_(schedules) {
    if (schedules == 0) throw value_error("explore_schedules needs at least one schedule");
    if (const auto replayed = seed_of_the_environment()) {
        options_.seed = *replayed;
        schedules_ = 1;
    }
    options_.seed = options_.seed.value_or(1) - 1;
}

bool exploration::next() noexcept {
    if (tried_ == schedules_) return false;
    ++tried_;
    options_.seed = *options_.seed + 1;
    return true;
}

void exploration::fail(const std::exception_ptr& raised) const {
    const std::string seed = std::to_string(*options_.seed);
    const std::string text = "failed with seed " + seed + ", schedule " + std::to_string(tried_) + " of " +
                             std::to_string(schedules_) + ": " + text_of(raised) + "; replay with FERMATA_SEED=" + seed;
    try {
        std::rethrow_exception(raised);
    } catch (...) {
        std::throw_with_nested(test_failure(text));
    }
}

}  // namespace fermata::inline v0::detail
