#!/usr/bin/env python3
"""Compares the tour's programs with their twins in Python, line by line.

usage: run.py --program build/release/examples/tour [--recorded] [STEM...]
       run.py --check-recorded
       run.py --record

Each program <stem> of the tour has a twin <stem>.py here, written as the article writes it. The twins are run by
CPython 3.13 or newer ($FERMATA_PYTHON, the path, pyenv). Where there is none, or with --recorded, what it printed when
`run.py --record` was last called stands in: recorded/<stem>.txt.
"""

import argparse
import itertools
import re
import subprocess
import sys
from pathlib import Path

import cpython

HERE = Path(__file__).resolve().parent
RECORDED = HERE / "recorded"
RECORDED_FROM = RECORDED / "VERSION"
SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def twins():
    return sorted(path.stem for path in HERE.glob("[0-9][0-9]_*.py"))


def recorded(stem):
    return (RECORDED / f"{stem}.txt").read_text(encoding="utf-8").splitlines()


class Recorded:
    def __str__(self):
        return f"what {RECORDED_FROM.read_text(encoding='utf-8').strip()} printed when it was recorded"

    def run(self, script):
        return recorded(script.stem)


def output_of(program, stem):
    """What the tour prints for one program, below its heading."""
    command = [program, stem]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    lines = done.stdout.splitlines()
    if done.returncode or done.stderr or not lines or not lines[0].startswith("== "):
        raise RuntimeError(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return lines[1:]


def without_lateness(lines):
    """The sleepers of the event loop sleep for real, and are woken late where the machine is busy."""
    return [re.sub(r"\b(in \d\.)\d(s\b)", r"\1_\2", line) for line in lines]


def first_difference(expected, actual):
    """The first line where the two differ, as text; None where they are the same."""
    for number, (one, other) in enumerate(itertools.zip_longest(expected, actual), 1):
        if one != other:
            show = lambda line: "(nothing more)" if line is None else line
            return f"line {number}\n    expected: {show(one)}\n    actual:   {show(other)}"
    return None


def compare(stems, judge, expected_of, actual_of):
    different = 0
    for stem in stems:
        expected = expected_of(stem)
        if difference := first_difference(without_lateness(expected), without_lateness(actual_of(stem))):
            print(f"{stem}: {difference}")
            different += 1
        else:
            print(f"{stem}: {len(expected)} lines, the same")
    print(f"{len(stems)} programs, {different} different; compared with {judge}")
    return 1 if different else 0


def record(python):
    RECORDED.mkdir(exist_ok=True)
    for old in RECORDED.glob("*.txt"):
        old.unlink()
    for stem in twins():
        text = "".join(f"{line}\n" for line in python.run(HERE / f"{stem}.py"))
        (RECORDED / f"{stem}.txt").write_text(text, encoding="utf-8")
    RECORDED_FROM.write_text(f"CPython {python.version}\n", encoding="utf-8")
    print(f"recorded {len(twins())} programs from {python}")


def check_recorded(python):
    stale = sorted({path.stem for path in RECORDED.glob("*.txt")} ^ set(twins()))
    if stale:
        print(f"twins and recorded traces are not the same programs: {', '.join(stale)}; run.py --record mends it")
        return 1
    return compare(twins(), python, lambda stem: python.run(HERE / f"{stem}.py"), recorded)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", help="the tour")
    parser.add_argument("--recorded", action="store_true", help="compare with the recorded traces")
    parser.add_argument("--record", action="store_true", help="record what CPython prints")
    parser.add_argument("--check-recorded", action="store_true", help="compare CPython with the recorded traces")
    parser.add_argument("stems", nargs="*", metavar="STEM", help="only these programs")
    arguments = parser.parse_args()

    python = None if arguments.recorded else cpython.find()
    if arguments.record or arguments.check_recorded:
        if python is None:
            print("no CPython 3.13 or newer is here (set FERMATA_PYTHON): nothing to compare or record")
            return SKIPPED
        return record(python) if arguments.record else check_recorded(python)
    if not arguments.program:
        parser.error("--program is needed")
    judge = python or Recorded()
    return compare(
        arguments.stems or twins(),
        judge,
        lambda stem: judge.run(HERE / f"{stem}.py"),
        lambda stem: output_of(arguments.program, stem),
    )


if __name__ == "__main__":
    sys.exit(main())
