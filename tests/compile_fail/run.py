#!/usr/bin/env python3
"""Checks that a misuse is refused by the compiler, with a message that a person can read.

A case is one .cpp file. Its misuse stands outside `#ifdef FERMATA_GOOD`, the correct way of writing it inside:

    // expect: this generator receives nothing
    #ifdef FERMATA_GOOD
        g.next();
    #else
        g.send(1);
    #endif

The case passes when it compiles with -DFERMATA_GOOD (so that the failure comes from the misuse and not from a typo),
does not compile without, and the compiler's output holds the text of each `// expect:` line. `// expect-gcc:` and
`// expect-clang:` bind one compiler only; a case that binds only the other compiler is skipped.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

SKIPPED = 77  # also in CMakeLists.txt

EXPECTATION = re.compile(r"^\s*// expect(?:-(gcc|clang))?:\s*(.*?)\s*$", re.MULTILINE)


def compile_case(compiler, include, case, *definitions):
    # LC_ALL=C: plain quotes in the messages, whatever the user's language is.
    command = [compiler, "-std=c++20", "-fsyntax-only", "-I", include, *definitions, case]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C"}, check=False,
    )
    return done.returncode, done.stdout + done.stderr, " ".join(map(str, command))


def check(compiler, family, include, case):
    """Returns what is wrong, as a list of messages; None when the case is for the other compiler."""
    written = EXPECTATION.findall(case.read_text(encoding="utf-8"))
    if not written or not all(text for _, text in written):
        return [f"{case}: no text to expect; write a line `// expect: <part of the compiler's message>`"]
    expectations = [text for only, text in written if only in ("", family)]
    if not expectations:
        return None

    problems = []
    status, output, command = compile_case(compiler, include, case, "-DFERMATA_GOOD")
    if status != 0:
        problems.append(f"{case}: the correct variant (FERMATA_GOOD) does not compile\n$ {command}\n{output}")

    status, output, command = compile_case(compiler, include, case)
    if status == 0:
        problems.append(f"{case}: the misuse compiles, and must not\n$ {command}")
    elif status < 0 or "internal compiler error" in output:
        problems.append(f"{case}: the compiler crashed\n$ {command}\n{output}")
    else:
        problems += [
            f"{case}: the compiler's output does not hold: {text}\n$ {command}\n{output}"
            for text in expectations
            if text not in output
        ]
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--family", default="GNU", help="CMake's name of the compiler: GNU, Clang, AppleClang")
    parser.add_argument("--include", type=Path, default=Path(__file__).parents[2] / "include")
    parser.add_argument("cases", nargs="+", type=Path)
    arguments = parser.parse_args()

    family = "gcc" if arguments.family == "GNU" else "clang"
    results = [check(arguments.compiler, family, arguments.include, case) for case in arguments.cases]
    problems = [problem for result in results if result for problem in result]
    if problems:
        print("\n\n".join(problems))
        return 1
    skipped = results.count(None)
    print(f"{len(results) - skipped} refused, as expected; {skipped} for another compiler")
    return SKIPPED if skipped == len(results) else 0


if __name__ == "__main__":
    sys.exit(main())
