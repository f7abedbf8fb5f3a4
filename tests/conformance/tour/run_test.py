#!/usr/bin/env python3
"""Tests of run.py: that it finds a difference where there is one, and says whom it asked."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
NEWER, OLDER = "3.13.9", "3.11.2"


class Run(unittest.TestCase):
    """Each test has a directory of its own, with run.py, one twin, and a tour that prints `self.prints`."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.work = Path(directory.name)
        for name in ("run.py", "cpython.py"):
            shutil.copy(HERE / name, self.work)
        self.twin = self.work / "01_twin.py"
        self.twin.write_text("print('one')\nprint('two')\n")
        self.prints = "== 1. twin ==\none\ntwo\n"
        self.python = None

    def script(self, name, text):
        path = self.work / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def cpython(self, version, implementation="CPython"):
        """A CPython that says it is of that version."""
        return self.script(
            "some_python",
            f'if [ "$1" = -c ]; then echo {implementation} {version}; else exec "{sys.executable}" "$@"; fi',
        )

    def run_it(self, *arguments):
        """Neither the path nor the home directory has a python but `self.python`."""
        environment = {"PATH": "/nowhere", "HOME": str(self.work)}
        if self.python:
            environment["FERMATA_PYTHON"] = str(self.python)
        done = subprocess.run(
            [sys.executable, "-B", self.work / "run.py", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def compare(self, *arguments):
        (self.work / "printed").write_text(self.prints)
        program = self.script("tour", f'while read -r line; do echo "$line"; done <"{self.work}/printed"')
        return self.run_it("--program", str(program), *arguments)

    def record(self):
        self.python = self.cpython(NEWER)
        self.assertEqual(self.run_it("--record")[0], 0)

    def test_the_same_output_passes(self):
        self.python = self.cpython(NEWER)
        status, output = self.compare()
        self.assertEqual(status, 0, output)
        self.assertIn(f"01_twin: 2 lines, the same\n1 programs, 0 different; compared with CPython {NEWER} at ", output)

    def test_another_line_fails(self):
        self.python = self.cpython(NEWER)
        self.prints = "== 1. twin ==\none\nthree\n"
        status, output = self.compare()
        self.assertEqual(status, 1, output)
        self.assertIn("01_twin: line 2\n    expected: two\n    actual:   three\n", output)

    def test_who_wakes_a_tenth_of_a_second_late_prints_the_same(self):
        self.python = self.cpython(NEWER)
        self.twin.write_text("print('Done in 2.0s')\n")
        self.prints = "== 1. twin ==\nDone in 2.1s\n"
        self.assertEqual(self.compare()[0], 0)
        self.prints = "== 1. twin ==\nDone in 3.0s\n"
        self.assertEqual(self.compare()[0], 1)

    def test_a_missing_line_fails(self):
        self.python = self.cpython(NEWER)
        self.prints = "== 1. twin ==\none\n"
        self.assertIn("line 2\n    expected: two\n    actual:   (nothing more)\n", self.compare()[1])

    def test_a_further_line_fails(self):
        self.python = self.cpython(NEWER)
        self.prints = "== 1. twin ==\none\ntwo\n\n"
        self.assertEqual(self.compare()[0], 1)

    def test_a_program_without_heading_fails(self):
        self.python = self.cpython(NEWER)
        self.prints = "one\ntwo\n"
        self.assertEqual(self.compare()[0], 1)

    def test_a_twin_that_fails_is_no_judge(self):
        self.python = self.cpython(NEWER)
        self.twin.write_text("print('one')\nprint('two')\nundefined\n")
        status, output = self.compare()
        self.assertEqual(status, 1)
        self.assertIn("NameError", output)

    def test_without_cpython_it_compares_with_the_recorded_trace(self):
        self.record()
        self.python = None
        status, output = self.compare()
        self.assertEqual(status, 0, output)
        self.assertIn(f"compared with what CPython {NEWER} printed when it was recorded", output)
        self.prints = "== 1. twin ==\none\nthree\n"
        self.assertEqual(self.compare()[0], 1)

    def test_the_recorded_trace_can_be_asked_for(self):
        self.record()
        self.twin.write_text("print('three')\n")
        self.assertEqual(self.compare()[0], 1)
        self.assertEqual(self.compare("--recorded")[0], 0)

    def test_an_old_or_other_python_is_refused(self):
        for refused in (self.cpython(OLDER), self.cpython("7.3.11", "PyPy"), "/nowhere/python"):
            self.python = refused
            status, output = self.compare()
            self.assertEqual(status, 1)
            self.assertIn("is no CPython 3.13 or newer", output)

    def test_pyenvs_pythons_are_found(self):
        home = self.work / ".pyenv/versions/3.14.0/bin"
        home.mkdir(parents=True)
        self.cpython("3.14.0").rename(home / "python3")
        self.assertIn("compared with CPython 3.14.0 at ", self.compare()[1])

    def test_a_stale_trace_is_found(self):
        self.record()
        self.assertEqual(self.run_it("--check-recorded")[0], 0)
        self.twin.write_text("print('one')\n")
        status, output = self.run_it("--check-recorded")
        self.assertEqual(status, 1)
        self.assertIn("01_twin: line 2\n    expected: (nothing more)\n    actual:   two\n", output)

    def test_a_trace_without_a_twin_and_a_twin_without_a_trace_are_found(self):
        self.record()
        self.twin.rename(self.work / "02_twin.py")
        status, output = self.run_it("--check-recorded")
        self.assertEqual(status, 1)
        self.assertIn("01_twin, 02_twin", output)

    def test_without_cpython_the_traces_cannot_be_checked(self):
        self.record()
        self.python = None
        self.assertEqual(self.run_it("--check-recorded")[0], 77)


if __name__ == "__main__":
    os.environ.pop("FERMATA_PYTHON", None)
    unittest.main()
