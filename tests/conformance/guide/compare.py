#!/usr/bin/env python3
"""Compares what the guide's programs print with what their twins in Python print, line by line.

usage: compare.py --programs build/release/examples/guide
       compare.py --check-recorded
       compare.py --record
       compare.py --tests tests/testing/documentation_test.cpp

examples/guide/<chapter>.cpp has a twin examples/guide/<chapter>.py; what CPython 3.13 or newer printed for it is recorded
in recorded/<chapter>.txt. The programs are compared with the record, and --check-recorded compares the record with the
CPython that is here. What has no twin is compared with a record that was written by hand.

The chapter on testing shows tests: --tests runs those of examples/guide/testing.py, which must pass, and each of which must have
one of the same name in C++ (CTest runs that).
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tour"))

import cpython  # noqa: E402
from run import SKIPPED, first_difference  # noqa: E402

RECORDED = HERE / "recorded"
GUIDE = HERE.parents[2] / "examples" / "guide"


def chapters():
    return sorted(path.stem for path in GUIDE.glob("*.cpp"))


def twins():
    return [chapter for chapter in chapters() if (GUIDE / f"{chapter}.py").exists()]


def recorded(chapter):
    return (RECORDED / f"{chapter}.txt").read_text(encoding="utf-8").splitlines()


def output_of(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode or done.stderr:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.splitlines()


def compare(names, actual_of):
    different = 0
    for name in names:
        difference = first_difference(recorded(name), actual_of(name))
        print(f"{name}: {difference or 'the same'}")
        different += bool(difference)
    print(f"{len(names)} programs, {different} different")
    return 1 if different or not names else 0


def check_tests(source):
    if sys.version_info < (3, 11):
        print("asyncio.Runner is of Python 3.11")
        return SKIPPED
    in_cpp = {f"{suite}.{name}" for suite, name in re.findall(r"^(?:FERMATA_)?TEST\((\w+), (\w+)\)", source.read_text(), re.MULTILINE)}
    output = "\n".join(output_of(sys.executable, "-B", GUIDE / "testing.py"))
    ran = re.findall(r"^test_(\w+) \(__main__\.(\w+)\.\w+\) \.\.\. (.*)$", output, re.MULTILINE)
    faults = [f"{suite}.{name}: {verdict}" for name, suite, verdict in ran if verdict != "ok"]
    faults += [f"{suite.lower()}.{name} is not in C++" for name, suite, _ in ran if f"{suite.lower()}.{name}" not in in_cpp]
    print("\n".join([*faults, f"{len(ran)} tests in Python, {len(faults)} faults"]))
    return 1 if faults or not ran else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=Path, help="the directory of the programs")
    parser.add_argument("--record", action="store_true", help="record what CPython prints")
    parser.add_argument("--check-recorded", action="store_true", help="compare CPython with the record")
    parser.add_argument("--tests", type=Path, help="the tests in C++ of the chapter on testing")
    arguments = parser.parse_args()
    if arguments.tests:
        return check_tests(arguments.tests)
    if arguments.programs:
        return compare(chapters(), lambda chapter: output_of(arguments.programs / chapter))
    if not (arguments.record or arguments.check_recorded):
        parser.error("one of --programs, --tests, --record and --check-recorded is needed")
    python = cpython.find()
    if python is None:
        print("no CPython 3.13 or newer is here (set FERMATA_PYTHON)")
        return SKIPPED
    if arguments.check_recorded:
        return compare(twins(), lambda chapter: python.run(GUIDE / f"{chapter}.py"))
    for chapter in twins():
        text = "".join(f"{line}\n" for line in python.run(GUIDE / f"{chapter}.py"))
        (RECORDED / f"{chapter}.txt").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
