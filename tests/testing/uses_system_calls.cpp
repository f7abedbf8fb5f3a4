// Runs the programs of I/O, one after the other, while a system call is made to fail: usage: uses_system_calls [ERRNO]. Ends with 1
// where what becomes of that is neither nothing nor a std::system_error of that number, or where descriptors are left open.

#include "io_programs.hpp"

#include <fermata/testing/detail/perturbed_run.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using namespace programs;

int expected = 0;

bool is_expected(const std::exception_ptr& raised, const void*) {
    try {
        std::rethrow_exception(raised);
    } catch (const std::system_error& e) {
        return expected != 0 && e.code().value() == expected;
    } catch (const runtime_error& e) {
        return expected == EAGAIN && std::string_view(e.what()) == "can't start new thread";
    } catch (...) {
        return false;
    }
}

bool is_explained(const std::exception_ptr& raised) { return detail::has_within(raised, is_expected, nullptr); }

/// Whether it ends as it is to.
bool run_one(const program& each) {
    std::vector<std::exception_ptr> all;
    try {
        runner with;
        with.get_loop().set_exception_handler(
            [&](event_loop&, const error_context& context) { all.push_back(context.exception); });
        try {
            with.run(each.run());
        } catch (...) {
            all.push_back(std::current_exception());
        }
    } catch (...) {
        all.push_back(std::current_exception());
    }
    if (all.empty() || std::ranges::any_of(all, is_explained)) return true;
    std::printf("%s: %s\n", each.name, all.back() ? detail::text_of(all.back()).c_str() : "something was reported");
    return false;
}

}  // namespace

int main(int count, char** words) {
    if (count > 1 && std::string_view(words[1]) == "nothing") return 0;
    if (count > 1) expected = std::atoi(words[1]);
    const std::size_t before = detail::holdings::now().descriptors;
    bool well = true;
    for (const program& each : with_io) well = run_one(each) && well;
    const std::size_t after = detail::holdings::now().descriptors;
    if (after != before) std::printf("%zu descriptors were open, and %zu are now\n", before, after);
    return well && after == before ? 0 : 1;
}
