#!/usr/bin/env python3
"""Tests of the tour's command line, and that nothing of it is missing.

usage: tour_test.py PROGRAM [unittest's arguments]
"""

import json
import re
import resource
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from run import without_lateness

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[2] / "examples" / "tour"
PROGRAM = ""


def tour(*arguments):
    return subprocess.run(
        [PROGRAM, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )


def listed():
    return [line.split(maxsplit=1) for line in tour("--list").stdout.splitlines()]


def quoted_python(source):
    """The Python that stands in a source's comments, without comments of its own and blank lines."""
    lines = [line[4:] for line in source.read_text().splitlines() if line.startswith("//  ")]
    return {without_comment(line) for line in lines} - {""}


def without_comment(line):
    return re.sub(r"\s*#.*", "", line).strip()


class Tour(unittest.TestCase):
    def test_every_program_has_a_source_and_a_twin(self):
        stems = [stem for stem, _ in listed()]
        self.assertEqual(stems.pop(), "17_real_input")
        self.assertEqual(stems, sorted(path.stem for path in SOURCES.glob("[0-9][0-9]_*.cpp")))
        self.assertEqual(stems, sorted(path.stem for path in HERE.glob("[0-9][0-9]_*.py")))

    def test_the_python_quoted_above_a_program_is_that_of_its_twin(self):
        for stem in (path.stem for path in HERE.glob("[0-9][0-9]_*.py")):
            twin = {without_comment(line) for line in (HERE / f"{stem}.py").read_text().splitlines()}
            with self.subTest(stem):
                quoted = {line for line in quoted_python(SOURCES / f"{stem}.cpp") if not line.endswith("...")}
                self.assertGreater(len(quoted), 3)
                self.assertEqual({line for line in quoted - twin if not line.startswith("type(")}, set())

    def test_without_arguments_all_run_in_order_each_under_its_heading(self):
        done = tour()
        headings = [line for line in done.stdout.splitlines() if line.startswith("== ")]
        self.assertEqual(headings, [f"== {number}. {title} ==" for number, (_, title) in enumerate(listed(), 1)])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        alone = [line for stem, _ in listed() for line in ["", *tour(stem).stdout.splitlines()]][1:]
        self.assertEqual(without_lateness(done.stdout.splitlines()), without_lateness(alone))

    def test_the_sleepers_in_the_event_loop_use_next_to_no_cpu_time(self):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        said = tour("event_loop").stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertLessEqual(3.0, time.monotonic() - start)
        self.assertIn("Event loop finished in 3.", said)
        self.assertIn("CPU time 0.0s", said)
        self.assertLess(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, 1.0)

    def test_a_program_is_called_by_its_stem_its_name_or_its_number(self):
        outputs = {tour(name).stdout for name in ("03_dict_views", "dict_views", "03", "3")}
        self.assertEqual(len(outputs), 1)
        self.assertTrue(outputs.pop().startswith("== 3. dict views ==\n"))

    def test_programs_run_in_the_order_in_which_they_are_named(self):
        self.assertEqual(re.findall(r"== (\d+)", tour("fib", "3", "range").stdout), ["6", "3", "5"])

    def test_named_programs_are_followed_by_an_input_that_is_given(self):
        self.assertEqual(re.findall(r"== (\d+)", tour("fib", "--input", "/dev/null").stdout), ["6", "17"])

    def test_what_is_wrong_on_the_command_line_is_said(self):
        for arguments, message in (
            (["nothing"], 'there is no program "nothing"; --list lists them'),
            (["--nothing"], "--nothing"),
            (["--input"], "--input"),
        ):
            with self.subTest(arguments):
                done = tour(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(message, done.stderr)

    def test_the_sleepers_timeline_is_written_and_said_to_be_there(self):
        with tempfile.TemporaryDirectory() as directory:
            page, events = Path(directory) / "sleepers.html", Path(directory) / "sleepers.json"
            done = tour("main_loop", "event_loop", "--timeline", page)
            if "fermata::trace was not built" in done.stderr:
                self.skipTest("fermata::trace was not built")
            self.assertEqual(done.stderr, "")
            self.assertEqual(done.stdout.splitlines()[-1], f"timeline: {page} (for a browser; {events} for Perfetto)")
            self.assertIn("coro2", page.read_text())
            told = json.loads(events.read_text())["traceEvents"]
        names = [(e["name"], e["args"]["name"]) for e in told if e["ph"] == "M" and e["name"].endswith("_name")]
        groups = [name for what, name in names if what == "process_name"]
        self.assertEqual(groups, ["busy loop", "event loop"])
        running = {pid: [e for e in told if e.get("cat") == "runs" and e["pid"] == pid and e["tid"] > 1] for pid in (1, 2)}
        waiting = [e for e in told if e.get("cat") == "waits" and e["name"] == "sleep"]
        # The one loop is busy for all of its four seconds; the other's tasks wait for two and three, and hardly run.
        self.assertGreater(sum(e["dur"] for e in running[1]), 2e6)
        self.assertLess(sum(e["dur"] for e in running[2]), 0.5e6)
        self.assertEqual([round(e["dur"] / 1e6) for e in waiting], [2, 3])

    def test_a_tour_without_sleepers_has_no_timeline(self):
        with tempfile.TemporaryDirectory() as directory:
            done = tour("fib", "--timeline", Path(directory) / "none.html")
            self.assertEqual([*Path(directory).iterdir()], [])
        self.assertNotIn("timeline:", done.stdout)

    def test_help_is_no_error(self):
        done = tour("--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--strict", done.stdout)

    def test_output_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "fib"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (2, "tour: standard output: No space left on device\n"))

    def test_by_the_wall_clock_the_sleepers_take_the_articles_three_seconds(self):
        start = time.monotonic()
        finished, results = tour("--wall-clock", "main_loop").stdout.splitlines()[-2:]
        self.assertLess(3.0, time.monotonic() - start)
        self.assertLessEqual(3.0, float(re.fullmatch(r"Main loop finished in ([\d.]+)s", finished)[1]))
        first, second = map(float, re.findall(r"Done in ([\d.]+)s", results))
        self.assertLessEqual(2.0, first)
        self.assertLess(first, second)
        self.assertLessEqual(3.0, second)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
