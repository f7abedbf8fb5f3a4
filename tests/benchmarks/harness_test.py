#!/usr/bin/env python3
"""Tests of benchmarks/harness: what it makes of measurements, on canned ones."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
from harness import report, results  # noqa: E402
from harness.workloads import COUNTED_ONLY, WORKLOADS, Goal, Workload  # noqa: E402

STEP = Workload("step", "generators", "a step", "step", (100,), (1000,), ("Asio", "CPython"), "step", goal=Goal(1.1))
FLAT = Workload("flat", "generators", "an element", "element", (1, 10), goal=Goal(1.2, "first"))
BEATS = Workload("beats", "generators", "a throw", "throw", (100,), peers=("CPython",), goal=Goal(1, "CPython"))


def ns(*values):
    return {"ns": list(values), "bytes": [0.0] * len(values)}


def measured(own=(10.0, 11.0, 12.0), limit=(10.0, 10.0, 10.0)):
    sides = ("fermata, g++", own), ("fermata, clang", (5.0,)), ("limit, g++", limit), ("limit, clang", (5.0,))
    return {"100": {side: ns(*values) for side, values in sides} | {"Asio": ns(40.0), "CPython": ns(22.0)}}


INSTALLED = {"g++": "12", "clang": "19", "Asio": "1.81", "Boost.Coroutine2": None, "libuv": "1", "CPython": "3.13", "uvloop": "0.17"}


def row_of(table, name):
    """The cells of a row of a Markdown table."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return next(cells for cells in rows if cells[0] == name)


class Arithmetic(unittest.TestCase):
    def test_a_cost_is_the_median_of_the_rounds(self):
        self.assertEqual(results.cost(measured((9.0, 100.0, 11.0)), "fermata, g++"), None)
        self.assertEqual(results.cost(measured((9.0, 100.0, 11.0))["100"], "fermata, g++"), 11.0)

    def test_a_ratio_is_the_median_of_the_ratios_of_each_round(self):
        # A machine that is slow in the second and third round: the medians' ratio would be 30 / 20.
        found = measured(own=(10.0, 30.0, 33.0), limit=(10.0, 30.0, 20.0))["100"]
        self.assertEqual(results.ratio(found, "fermata, g++", "limit, g++"), 1.0)

    def test_the_best_peer_is_the_cheapest_that_was_measured(self):
        self.assertEqual(results.best_peer(measured()["100"], ("Asio", "libuv", "CPython")), ("CPython", 22.0))
        self.assertIsNone(results.best_peer(measured()["100"], ("libuv",)))

    def test_the_exponent_of_a_cost_that_is_the_same_for_each_unit_is_1(self):
        self.assertAlmostEqual(results.exponent({10: 5.0, 100: 5.0, 1000: 5.0}), 1)
        self.assertAlmostEqual(results.exponent({10: 1.0, 100: 10.0, 1000: 100.0}), 2)

    def test_linear_is_what_grows_no_faster_than_the_limit(self):
        self.assertTrue(results.is_linear(1.05, None))
        self.assertFalse(results.is_linear(1.2, None))
        self.assertTrue(results.is_linear(1.2, 1.16))
        self.assertFalse(results.is_linear(1.3, 1.16))


class Goals(unittest.TestCase):
    def test_at_the_limit_times_the_factor_is_met(self):
        self.assertEqual(results.verdict(STEP, measured(), 100), "met")

    def test_above_it_is_not_met_and_says_by_which_compiler(self):
        self.assertEqual(results.verdict(STEP, measured(own=(11.2,)), 100), "**not met**: g++ 1.12")

    def test_what_was_not_measured_is_not_met_either(self):
        self.assertEqual(results.verdict(STEP, {"100": {}}, 100), "not measured")

    def test_a_goal_may_be_a_peer(self):
        self.assertEqual(results.verdict(BEATS, measured(own=(23.0,)), 100), "**not met**: g++ 1.05")
        self.assertEqual(results.verdict(BEATS, measured(own=(21.0,)), 100), "met")

    def test_a_goal_may_be_to_cost_the_same_at_each_size(self):
        sizes = {"1": {"fermata, g++": ns(10.0)}, "10": {"fermata, g++": ns(12.5)}}
        self.assertEqual(results.verdict(FLAT, sizes, 1), "met")
        self.assertEqual(results.verdict(FLAT, sizes, 10), "**not met**: g++ 1.25")


class Table(unittest.TestCase):
    def test_a_row_has_costs_ratios_peers_and_the_verdict(self):
        table = report.costs([STEP], {"step": measured()}, INSTALLED)
        expected = ["a step", "10", "11", "1.10", "5", "5", "1.00", "40", "22", "2.00 (CPython)", "≤ 1.1 × limit", "met"]
        self.assertEqual(row_of(table, "a step"), expected)

    def test_a_goal_that_is_missed_says_so_in_the_table(self):
        table = report.costs([STEP], {"step": measured(own=(12.0,))}, INSTALLED)
        self.assertEqual(row_of(table, "a step")[-1], "**not met**: g++ 1.20")

    def test_a_peer_that_is_not_installed_is_named_so(self):
        table = report.costs([STEP], {"step": measured()}, INSTALLED | {"Asio": None})
        self.assertEqual(row_of(table, "a step")[7], "not installed")
        self.assertIn("- Boost.Coroutine2: **not installed**", report.who(INSTALLED))

    def test_a_peer_that_failed_is_named_so(self):
        sizes = measured()
        sizes["100"]["CPython"] = {"ns": [], "bytes": [], "failed": "ended with 1"}
        self.assertEqual(row_of(report.costs([STEP], {"step": sizes}, INSTALLED), "a step")[8], "failed")

    def test_growth_that_is_steeper_than_linear_is_named_so(self):
        def table(last):
            sizes = {"100": {"fermata, g++": ns(10.0)}, "1000": {"fermata, g++": ns(last)}}
            return row_of(report.growth_table([STEP], {"step": sizes}), "a step")

        self.assertEqual(table(10.0)[-3:], ["1.00", "", "linear or better"])
        self.assertEqual(table(100.0)[-3:], ["2.00", "", "**steeper**"])

    def test_the_page_holds_every_section_and_what_was_left_out(self):
        data = {
            "machine": {"processor": "a processor", "cores": 2, "memory": "1 GiB", "kernel": "6", "system": "Debian", "fermata": "abc"},
            "versions": INSTALLED,
            "rounds": 3,
            "measured": {"create": measured()},
            "instructions": {"create": {"1000": {"fermata, g++": 261.0, "limit, g++": 149.0}}},
            "echo": "skipped",
        }
        page = report.write(data, "not drawn")
        sections = ["Benchmarks", "Generators", "Tasks and the loop", "Memory", "Instructions", "Growth", "Sockets"]
        self.assertEqual(re.findall(r"^#+ (.*)", page, re.M), sections)
        self.assertIn("generators.svg: not drawn", page)
        self.assertIn("## Sockets\n\nskipped", page)
        self.assertIn("| create, 3 steps, destroy | 149 | 261 | +112 |", page)

    def test_sockets_are_a_table(self):
        echo = [{"server": "fermata, epoll", "connections": 50, "size": 64, "requests_per_second": 123456, "cpu_us": 7.25, "ratio": 0.97}]
        self.assertEqual(row_of(report.echo_table(echo), "fermata, epoll"), ["fermata, epoll", "50", "64", "123,456", "7.25", "0.97"])


class Counts(unittest.TestCase):
    def failed(self, counts, committed):
        return [failed for _, failed in results.check_counts(counts, committed)]

    def test_three_percent_more_pass_and_more_fail(self):
        self.assertEqual(self.failed({"a": 103.0}, {"a": 100.0}), [False])
        self.assertEqual(self.failed({"a": 103.1}, {"a": 100.0}), [True])

    def test_less_passes_and_is_said(self):
        ((text, failed),) = results.check_counts({"a": 50.0}, {"a": 100.0})
        self.assertFalse(failed)
        self.assertIn("less", text)

    def test_what_is_not_committed_or_not_counted_any_more_fails(self):
        self.assertEqual(self.failed({"new": 1.0}, {}), [True])
        self.assertEqual(self.failed({}, {"gone": 1.0}), [True])

    def test_a_claim_that_does_not_hold_fails(self):
        checked = results.check_claims([("small", 31.04, 31.0), ("large", 31.1, 31.0)])
        self.assertEqual([failed for _, failed in checked], [False, True])


class Workloads(unittest.TestCase):
    """The table of workloads and the programs are written twice: they must name the same things."""

    def names_in(self, path):
        return set(re.findall(r'^ +\{"(\w+)", ', (ROOT / "benchmarks" / path).read_text(encoding="utf-8"), re.M))

    def test_every_workload_is_in_the_programs_that_are_to_do_it(self):
        peers = {"Asio": "peers/asio_{}.cpp", "Boost.Coroutine2": "peers/coroutine2.cpp", "libuv": "peers/libuv.cpp"}
        for workload in WORKLOADS:
            with self.subTest(workload.name):
                self.assertIn(workload.called, self.names_in(f"fermata/{workload.group}.cpp"))
                for limit in [workload.limit, *(name for _, name in workload.other_limits)]:
                    self.assertIn(limit or "step_opaque", self.names_in(f"limit/{workload.group if limit else 'generators'}.cpp"))
                for peer in workload.peers:
                    if peer in peers:
                        self.assertIn(workload.called, self.names_in(peers[peer].format(workload.group)))
        for side, group, name, _ in COUNTED_ONLY:
            self.assertIn(name, self.names_in(f"{side}/{group}.cpp"))


if __name__ == "__main__":
    unittest.main()
