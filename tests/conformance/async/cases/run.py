#!/usr/bin/env python3
"""Compares the cases in C++ with their twins in Python, line by line, and says which case differs.

usage: run.py --program build/release/tests/…/async_cases [--recorded]
       run.py --check-recorded
       run.py --record

The twins are run by CPython 3.13 or newer ($FERMATA_PYTHON, the path, pyenv). Where there is none, or with --recorded,
what it printed when `run.py --record` was last called stands in: recorded.txt, whose first line says which it was.
"""

import argparse
import itertools
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1] / "common"))

import oracle

RECORDED = HERE / "recorded.txt"
SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def output(command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | environment)
    if done.returncode or done.stderr:
        sys.exit(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def printed_by(python):
    path = os.pathsep.join(map(str, (HERE, HERE.parent / "runtime")))
    return output([python.path, "-B", "-W", "ignore", str(HERE / "host.py")], PYTHONPATH=path)


def compare(expected, got, judge):
    """By name; a case that one side does not have differs."""
    different = 0
    for name in expected | got:
        lines = itertools.zip_longest(expected.get(name, ["(no such case)"]), got.get(name, ["(no such case)"]))
        for number, (one, other) in enumerate(lines, 1):
            if one != other:
                print(f"{name}: line {number}\n    expected: {one}\n    actual:   {other}")
                different += 1
                break
    print(f"{len(expected | got)} cases, {different} different; compared with {judge}")
    return 1 if different else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", help="the cases in C++")
    parser.add_argument("--recorded", action="store_true", help="compare with what was recorded")
    parser.add_argument("--record", action="store_true", help="record what CPython prints")
    parser.add_argument("--check-recorded", action="store_true", help="compare CPython with what was recorded")
    options = parser.parse_args()

    python = None if options.recorded else oracle.find(None)
    if options.record or options.check_recorded:
        if python is None:
            print("no CPython 3.13 or newer is here (set FERMATA_PYTHON): nothing to compare or record")
            return SKIPPED
        if options.record:
            RECORDED.write_text(f"# Recorded from CPython {python.version}\n{printed_by(python)}")
            return 0
        return compare(oracle.sections(printed_by(python)), oracle.sections(RECORDED.read_text()), python)
    if not options.program:
        parser.error("--program is needed")
    recorded = RECORDED.read_text()
    expected = oracle.sections(printed_by(python) if python else recorded)
    return compare(expected, oracle.sections(output([options.program])), python or recorded.split("\n", 1)[0].lstrip("# "))


if __name__ == "__main__":
    sys.exit(main())
