#!/usr/bin/env python3
"""Tests of check.py: what it lets through, and what it complains of, by file and line; and of coroutines.py, with g++ or $CXX."""

import gzip
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import coroutines

CHECK = Path(__file__).with_name("check.py")

SOURCE = """\
int halved(int n) {
    if (n % 2 != 0) {
        report(n);

        abort();
    }
    return n / 2;
}
void report(int n) {
    print(n);
}
"""
RUN = {1: 1, 2: 1, 3: 1, 5: 1, 7: 1, 9: 1, 10: 1, 11: 1}
REASON = "src/halved.cpp\n    {piece}\n        Nobody halves\n        an odd number.\n"

COROUTINE = """\
#include <coroutine>
struct task {
    struct promise_type {
        task get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
};
task halve(int& n) {
    if (n % 2 != 0) {
        co_return;
    }
    n /= 2;
}
int main() {
    int n = 2;
    halve(n);
}
"""


def check(run, reasons, *options):
    """Of a report on SOURCE whose lines have run that often."""
    lines = [{"line_number": number, "count": count, "gcovr/noncode": False} for number, count in run.items()]
    lines.append({"line_number": 6, "count": 0, "gcovr/noncode": True})
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "src").mkdir()
        (root / "src/halved.cpp").write_text(SOURCE, encoding="utf-8")
        (root / "report.json").write_text(json.dumps({"files": [{"file": "src/halved.cpp", "lines": lines}]}), encoding="utf-8")
        (root / "unreached.txt").write_text("# Of halves.\n\n" + reasons, encoding="utf-8")
        command = [sys.executable, CHECK, "--root", root, "--report", root / "report.json", "--reasons", root / "unreached.txt"]
        done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr.replace(f"{directory}/", "")


class Check(unittest.TestCase):
    def test_all_lines_run(self):
        self.assertEqual(check(RUN, ""), (0, "8 of 8 lines (100.00 %) are run; of the others, 0 have no reason\n"))

    def test_a_line_without_a_reason_is_named(self):
        status, output = check({**RUN, 5: 0}, "", "--floor", "50")
        self.assertEqual(status, 1)
        self.assertIn("src/halved.cpp:5: not run: abort();\n", output)

    def test_a_reason_holds_for_its_line(self):
        status, output = check({**RUN, 5: 0}, REASON.format(piece="abort();"), "--floor", "50")
        self.assertEqual(status, 0, output)

    def test_a_reason_holds_for_what_belongs_to_its_line_and_no_more(self):
        reason = REASON.format(piece="n % 2 != 0")
        self.assertEqual(check({**RUN, 3: 0, 5: 0}, reason, "--floor", "50")[0], 0)
        status, output = check({**RUN, 3: 0, 5: 0, 7: 0}, reason, "--floor", "50")
        self.assertEqual(status, 1)
        self.assertIn("src/halved.cpp:7: not run: return n / 2;\n", output)
        self.assertNotIn("halved.cpp:5", output)

    def test_the_first_line_of_a_function_stands_for_all_of_it(self):
        reason = REASON.format(piece="void report(int n) {")
        self.assertEqual(check({**RUN, 9: 0, 10: 0, 11: 0}, reason, "--floor", "50")[0], 0)

    def test_a_piece_may_be_one_within_another(self):
        run = {**RUN, 3: 0, 10: 0}
        status, output = check(run, REASON.format(piece="void report( … (n);"), "--floor", "50")
        self.assertEqual(status, 1)
        self.assertIn("halved.cpp:3", output)
        self.assertNotIn("halved.cpp:10", output)

    def test_what_is_reached_sometimes_may_be_reached(self):
        reason = REASON.format(piece="abort();").replace("Nobody", "Sometimes nobody")
        for count in 0, 1:
            self.assertEqual(check({**RUN, 5: count}, reason, "--floor", "50")[0], 0)

    def test_a_reason_that_no_line_needs_is_named(self):
        for piece in ("abort();", "no such text"):
            status, output = check(RUN, REASON.format(piece=piece))
            self.assertEqual(status, 1)
            self.assertIn(f"unreached.txt:4: no line of src/halved.cpp needs this reason: {piece}\n", output)

    def test_a_reason_of_a_file_that_is_gone_is_named(self):
        status, output = check(RUN, "src/gone.cpp\n    abort();\n        For good.\n")
        self.assertEqual(status, 1)
        self.assertIn("unreached.txt:4: no line of src/gone.cpp needs this reason", output)

    def test_the_floor_holds_whatever_the_reasons(self):
        status, output = check({**RUN, 5: 0}, REASON.format(piece="abort();"))
        self.assertEqual(status, 1)
        self.assertIn("87.50 % of the lines are run, and 95 % have to be\n", output)

    def test_no_lines_at_all_are_no_success(self):
        self.assertEqual(check({}, "")[0], 1)

    def test_words_that_are_missing_or_out_of_place_are_named(self):
        status, output = check(RUN, "src/halved.cpp\n    abort();\n")
        self.assertEqual(status, 1)
        self.assertIn("unreached.txt:4: the reason is missing", output)
        status, output = check(RUN, "src/halved.cpp\n  abort();\n")
        self.assertEqual(status, 1)
        self.assertIn("unreached.txt:4: neither a path", output)

    def test_the_body_of_a_coroutine_is_counted(self):
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "halve.cpp").write_text(COROUTINE, encoding="utf-8")
            compiler = [os.environ.get("CXX", "g++"), "-std=c++20", "-O0", "--coverage"]
            subprocess.run([*compiler, "-c", "halve.cpp"], cwd=directory, check=True)
            subprocess.run([*compiler, "halve.o", "-o", "halve"], cwd=directory, check=True)
            subprocess.run(["./halve"], cwd=directory, check=True)
            self.assertEqual(counts(directory), {})
            self.assertEqual(coroutines.show(Path(directory)), 1)
            self.assertEqual(counts(directory), {12: 1, 13: 0, 15: 1})


def counts(directory):
    """How often gcov says that the lines within halve() have run."""
    subprocess.run(["gcov", "--json-format", "halve.gcda"], cwd=directory, capture_output=True, check=True)
    with gzip.open(Path(directory, "halve.gcov.json.gz")) as report:
        files = json.load(report)["files"]
    lines = next(file["lines"] for file in files if file["file"] == "halve.cpp")
    return {line["line_number"]: line["count"] for line in lines if 12 <= line["line_number"] <= 15}


if __name__ == "__main__":
    unittest.main()
