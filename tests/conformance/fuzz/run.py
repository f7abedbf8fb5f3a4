#!/usr/bin/env python3
"""The differential fuzzer: random generator programs, written out as Python and as C++, and compared line by line.

    run.py --programs 300 --compiler g++            what the tests do
    run.py --programs 2000 --seed 7 --flags=-O2     a longer run, of other programs
    run.py --show 12                                the two texts of one program
    run.py --record                                 writes the traces for machines without CPython 3.13

What differs is shrunk and kept in regressions/, which every run replays first. Exit status 1 if anything differs.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "common"))

import coverage
import cpp_writer
import fuzzing
import grower
import model
import python_writer
import shrink

KIND = fuzzing.Kind(HERE, model, grower, python_writer, cpp_writer, shrink, coverage)

if __name__ == "__main__":
    sys.exit(fuzzing.main(KIND, __doc__))
