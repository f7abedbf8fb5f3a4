#pragma once

// How the examples end.

#include <fermata/async.hpp>

#include <cstdio>
#include <exception>
#include <utility>

namespace program {

/// Of a group, what it holds.
inline void say(const char* name, const std::exception_ptr& raised) {
    try {
        std::rethrow_exception(raised);
    } catch (const fermata::exception_group& group) {
        for (const std::exception_ptr& each : group.exceptions()) say(name, each);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s: %s\n", name, e.what());
    }
}

/// Runs it. Gives its exit status: what it gives; 130 after ctrl-C, as of a program that SIGINT ends; 1 where it raises, and then
/// says what on stderr.
inline int run(const char* name, fermata::task<int> main) {
    try {
        return fermata::run(std::move(main));
    } catch (const fermata::keyboard_interrupt&) {
        return 130;
    } catch (const std::exception&) {
        say(name, std::current_exception());
        return 1;
    }
}

}  // namespace program
