// The helper itself: that it comes to every operation, with every fault, and finds what is planted.

#include "../io/streams.hpp"
#include "support.hpp"

#include <fermata/sync/event.hpp>
#include <fermata/testing/fail_every_operation.hpp>

#include <cstdlib>
#include <map>
#include <string>

namespace {

using namespace tests;

using support::failure_of;

FERMATA_ON_BOTH_BACKENDS(fail_every_operation);

const auto nothing = [] {};
const operation_options in_real_time{.test = {.time_limit = 1s, .real_time = true}};

/// One write and one read.
task<> hands_over_a_byte() {
    auto ends = unix_streams(0);
    co_await ends.first.write("x");
    char got = 0;
    co_await ends.second.read({&got, 1});
    if (got != 'x') throw value_error("another byte");
}

TEST_P(fail_every_operation, has_each_operation_meet_each_fault) {
    // Each an error of three, interrupted and told to come again, late and told late, and a byte at a time.
    EXPECT_EQ(fermata::fail_every_operation(hands_over_a_byte, nothing), 16U);
}

TEST_P(fail_every_operation, has_errors_come_out_as_they_are) {
    std::map<std::string, int> raised;
    const auto program = [&]() -> task<> {
        try {
            co_await hands_over_a_byte();
        } catch (const std::system_error& e) {
            ++raised[e.what()];
        }
    };
    fermata::fail_every_operation(program, nothing);
    const std::map<std::string, int> all = {{"read from a Unix socket: Cannot allocate memory", 1},
                                            {"read from a Unix socket: Connection reset by peer", 1},
                                            {"read from a Unix socket: Connection timed out", 1},
                                            {"write to a Unix socket: Broken pipe", 1},
                                            {"write to a Unix socket: Connection reset by peer", 1},
                                            {"write to a Unix socket: No buffer space available", 1}};
    EXPECT_EQ(raised, all);
}

TEST_P(fail_every_operation, has_nothing_to_do_where_there_is_no_io) {
    EXPECT_EQ(fermata::fail_every_operation([]() -> task<> { co_await sleep(1s); }, nothing), 0U);
}

// What is planted

TEST_P(fail_every_operation, finds_one_who_takes_a_part_for_the_whole) {
    const auto program = []() -> task<> {
        auto ends = unix_streams(0);
        co_await ends.first.write("hello");
        const std::string got = co_await ends.second.read(5);
        if (got != "hello") throw value_error("this is not all: " + got);
    };
    const std::string failure = failure_of([&] { fermata::fail_every_operation(program, nothing); });
    EXPECT_EQ(failure,
              "operation 2 of 2 (receive) moved a single byte: this is not all: h; FERMATA_FAIL_OPERATION=2.7 repeats "
              "it");
}

TEST_P(fail_every_operation, finds_a_descriptor_that_stays_open) {
    const auto program = []() -> task<> {
        const int copy = dup(STDERR_FILENO);
        co_await hands_over_a_byte();
        close(copy);  // not on every path
    };
    const std::string failure = failure_of([&] { fermata::fail_every_operation(program, nothing); });
    EXPECT_EQ(
        failure,
        "operation 1 of 2 (send) ended with EPIPE: it has not given back 1 descriptor; FERMATA_FAIL_OPERATION=1.0 "
        "repeats it");
}

TEST_P(fail_every_operation, finds_one_who_waits_for_ever) {
    const auto program = []() -> task<> {
        event done;
        try {
            co_await hands_over_a_byte();
            done.set();
        } catch (const std::system_error&) {
        }
        co_await done.wait();
    };
    const std::string failure = failure_of([&] { fermata::fail_every_operation(program, nothing); });
    EXPECT_EQ(failure.find("operation 1 of 2 (send) ended with EPIPE: the event loop has nothing left to run"), 0U)
        << failure;
}

TEST_P(fail_every_operation, finds_an_error_that_is_taken_for_another) {
    const auto program = []() -> task<> {
        bool failed = false;
        try {
            co_await hands_over_a_byte();
        } catch (const std::system_error&) {
            failed = true;
        }
        if (failed) throw value_error("no idea why");
    };
    const std::string failure = failure_of([&] { fermata::fail_every_operation(program, nothing); });
    EXPECT_EQ(failure, "operation 1 of 2 (send) ended with EPIPE: no idea why; FERMATA_FAIL_OPERATION=1.0 repeats it");
}

TEST_P(fail_every_operation, finds_one_who_cannot_stand_a_peer_that_is_late) {
    const auto program = []() -> task<> {
        auto ends = unix_streams(0);
        auto writing = create_task(write_all(ends.first, "x"));
        co_await turns(4);
        if (!writing.done()) throw value_error("not written yet");
        co_await writing;
    };
    const std::string failure = failure_of([&] { fermata::fail_every_operation(program, nothing, in_real_time); });
    EXPECT_EQ(failure, "operation 1 of 1 (send) began late: not written yet; FERMATA_FAIL_OPERATION=1.4 repeats it");
}

TEST_P(fail_every_operation, repeats_the_one_that_is_asked_for) {
    int failed = 0;
    int runs = 0;
    const auto program = [&]() -> task<> {
        ++runs;
        try {
            co_await hands_over_a_byte();
        } catch (const std::system_error& e) {
            EXPECT_EQ(e.code().value(), ETIMEDOUT);
            ++failed;
        }
    };
    setenv("FERMATA_FAIL_OPERATION", "2.1", 1);
    EXPECT_EQ(fermata::fail_every_operation(program, nothing), 1U);
    unsetenv("FERMATA_FAIL_OPERATION");
    EXPECT_EQ(failed, 1);
    EXPECT_EQ(runs, 1);
}

}  // namespace
