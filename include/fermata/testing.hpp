#pragma once

/// \file
/// Testing coroutines: on virtual time, under random schedules and under all of them, cancelled at every await, with I/O that
/// goes wrong. For any test framework; what needs GoogleTest is in <fermata/testing/gtest.hpp>, which is included by its own
/// name.

#include <fermata/testing/cancel_at_every_await.hpp>
#include <fermata/testing/explore_every_schedule.hpp>
#include <fermata/testing/explore_schedules.hpp>
#include <fermata/testing/fail_every_allocation.hpp>
#include <fermata/testing/fail_every_operation.hpp>
#include <fermata/testing/fault_injection.hpp>
#include <fermata/testing/memory_streams.hpp>
#include <fermata/testing/raise_at_every_await.hpp>
#include <fermata/testing/run_test.hpp>
#include <fermata/testing/test_options.hpp>
