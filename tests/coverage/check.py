#!/usr/bin/env python3
"""Checks which lines of the library the tests have run: at least 95 in 100, and each of the others has its reason in unreached.txt.

usage: check.py [--build build/coverage] [--report FILE] [--reasons FILE] [--floor 95]

Prints each line that has none as `file:line: its text`, and each reason that is no longer needed. --report takes a report that
gcovr has written before (--json), in place of having it written.

A reason stands below a piece of the source, and that below its file's path:

    src/loop/event_loop.cpp
        std::terminate();
            Why no test gets there.

It holds for the lines of the file that have the piece in them, and for those that belong to such a line: what is indented deeper
below it, and the bracket that closes it. So the first line of a function stands for all of it. `function( … catch` is a piece within
what belongs to another. A reason that begins with "Sometimes" is of lines that a run may reach, or may not, as the clock has it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import coroutines

ROOT = Path(__file__).resolve().parents[2]
REASONS = Path(__file__).with_name("unreached.txt")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build/coverage")
    parser.add_argument("--report", type=Path)
    parser.add_argument("--reasons", type=Path, default=REASONS)
    parser.add_argument("--root", type=Path, default=ROOT, help="what the report's paths are relative to")
    parser.add_argument("--floor", type=float, default=95)
    return parser.parse_args()


def written_report(build):
    """What gcovr makes of what the programs have counted."""
    report = build / "coverage.json"
    if not coroutines.show(build):
        sys.exit(f"{build}: no coroutine is compiled with gcov; its notes are not understood")
    command = ["gcovr", "--root", ROOT, "--filter", "include/", "--filter", "src/", "--json", report]
    command += ["-j", os.environ.get("JOBS") or "2", build]
    subprocess.run(command, cwd=ROOT, check=True)
    return report


def counted_lines(report):
    """file: {line: whether it has run}"""
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    return {
        file["file"]: {line["line_number"]: line["count"] > 0 for line in file["lines"] if not line.get("gcovr/noncode")}
        for file in files
    }


class Reason:
    """Why the lines with a piece of the source in them are not run."""

    def __init__(self, file, piece, at):
        self.file = file
        self.piece = piece
        self.at = at
        self.words = []

    def lines(self, source):
        """The numbers of the lines that it holds for."""
        within = range(1, len(source) + 1)
        *around, piece = self.piece.split(" … ")
        for outer in around:
            within = [line for number in within if outer in source[number - 1] for line in block(source, number)]
        return {line for number in within if piece in source[number - 1] for line in block(source, number)}


def block(source, number):
    """A line, what is indented deeper below it, and the bracket that closes it."""
    depth = indentation(source[number - 1])
    yield number
    for below in range(number + 1, len(source) + 1):
        text = source[below - 1]
        if text.strip() and indentation(text) <= depth:
            if text.strip()[0] in ")}]":
                yield below
            return
        yield below


def indentation(text):
    return len(text) - len(text.lstrip())


def read_reasons(path):
    reasons = []
    file = None
    for at, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        depth = indentation(text)
        if not text.strip() or text.startswith("#"):
            continue
        if depth == 0:
            file = text.strip()
        elif depth == 4 and file:
            reasons.append(Reason(file, text.strip(), at))
        elif depth == 8 and reasons:
            reasons[-1].words.append(text.strip())
        else:
            sys.exit(f"{path}:{at}: neither a path, nor a piece of the source (4 spaces), nor a reason (8)")
    if empty := [reason for reason in reasons if not reason.words]:
        sys.exit(f"{path}:{empty[0].at}: the reason is missing")
    return reasons


def main():
    args = arguments()
    counted = counted_lines(args.report or written_report(args.build))
    reasons = read_reasons(args.reasons)
    sources = {file: (args.root / file).read_text(encoding="utf-8").splitlines() for file in counted}

    missed = {(file, line) for file, lines in counted.items() for line, run in lines.items() if not run}
    unexplained = set(missed)
    complaints = []
    for reason in reasons:
        held = {(reason.file, line) for line in reason.lines(sources.get(reason.file, []))} & missed
        unexplained -= held
        if not held and not reason.words[0].startswith("Sometimes"):
            complaints.append(f"{args.reasons.name}:{reason.at}: no line of {reason.file} needs this reason: {reason.piece}")
    complaints += [f"{file}:{line}: not run: {sources[file][line - 1].strip()}" for file, line in sorted(unexplained)]

    lines = sum(map(len, counted.values()))
    covered = 100 * (lines - len(missed)) / lines if lines else 0
    if covered < args.floor:
        complaints.append(f"{covered:.2f} % of the lines are run, and {args.floor:g} % have to be")
    print("\n".join(complaints + [f"{lines - len(missed):,} of {lines:,} lines ({covered:.2f} %) are run; of the others, "
                                  f"{len(unexplained)} have no reason"]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
