#!/usr/bin/env python3
"""The differential fuzzer: random asyncio programs, written out as Python and as C++, and compared line by line.

    run.py --programs 200 --library libfermata.a    what the tests do
    run.py --programs 2000 --seed 7                 a longer run, of other programs
    run.py --show 12                                the two texts of one program
    run.py --record                                 writes the traces for machines without CPython 3.13

What differs is shrunk and kept in regressions/, which every run replays first. Exit status 1 if anything differs.
Without --library the library's sources are compiled with the same compiler and flags.
"""

import concurrent.futures
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

SOURCES = HERE.parents[2] / "src"


def add_arguments(parser):
    parser.add_argument("--library", type=pathlib.Path, help="the compiled library")
    parser.add_argument("--support", type=pathlib.Path, help="what is in runtime/, compiled")


def prepare(compiler, options, work):
    """Compiles what all programs share: their world, and the library where none is given."""
    sources = [] if options.support else sorted(compiler.kind.runtime.glob("*.cpp"))
    if not options.library:
        sources += sorted(SOURCES.rglob("*.cpp"))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        objects = list(pool.map(lambda source: compile_one(compiler, source, work), sources))
    if options.support:
        objects.append(options.support)
    if options.library:
        objects.append(options.library)
    # A library of whole units asks for all that it was built with.
    compiler.linked = [*objects, "-pthread", "-luring"]
    header = compiler.kind.runtime / "support.hpp"
    # Found before support.hpp itself, since the programs stand in the same directory.
    if compiler.compile("-x", "c++-header", "-o", str(work / "support.hpp.gch"), str(header)).returncode:
        sys.exit(f"{header} does not compile")


def compile_one(compiler, source, work):
    made = work / f"{'_'.join(source.parts[-2:])}.o"
    done = compiler.compile("-c", "-o", str(made), str(source))
    if done.returncode:
        sys.exit(f"{source} does not compile:\n{done.stderr}")
    return made


KIND = fuzzing.Kind(HERE, model, grower, python_writer, cpp_writer, shrink, coverage,
                    add_arguments=add_arguments, prepare=prepare)

if __name__ == "__main__":
    sys.exit(fuzzing.main(KIND, __doc__))
