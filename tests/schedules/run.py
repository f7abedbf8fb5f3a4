#!/usr/bin/env python3
"""Runs the asynchronous tests under seeded orders of what is ready, and says which fail under which seed.

usage: tests/schedules/run.py [--build build/release] [--seeds 10000] [--seconds 600] [--stale]

A program repeats its tests in one process, each time with the next seed (see seeded_loops.cpp). Those that promise an order
are left out: order_dependent.txt names them, and says why. A run that is stopped, or whose time is up, goes on where it was
when it is started again; --afresh begins with the first seed. A test that fails: FERMATA_TEST_SEED=<seed> <program>
--gtest_filter=<test>.

--stale runs those of the list instead, each for itself, and names those that pass under all the seeds.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).with_name("order_dependent.txt")
CHUNK = 50  # seeds a process


def order_dependent():
    """The tests that are left out, each with the reason over it."""
    tests = {}
    reason = None
    for line in LIST.read_text().splitlines():
        if line.startswith("# "):
            reason = line[2:]
        elif line.strip():
            if reason is None or line in tests:
                sys.exit(f"{LIST.name}: {line}: " + ("twice" if line in tests else "without a reason"))
            tests[line.strip()] = reason
    return tests


def is_left_out(test, left_out):
    """Whether the list names it, or its suite."""
    return test in left_out or test.split(".")[0] + ".*" in left_out


def tests_of(program):
    """Its tests, by their full names."""
    listed = subprocess.run([program, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
    names, suite = [], ""
    for line in listed.splitlines():
        name = line.split("#")[0].rstrip()
        if line.startswith("  "):
            names.append(suite + name.strip())
        elif name.endswith("."):
            suite = name
    return names


class Outcome:
    """What a program said under some seeds."""

    def __init__(self, program, tests, first, seeds, limit=120):
        command = [program, f"--gtest_repeat={seeds}", "--gtest_filter=" + ":".join(tests)]
        environment = {"FERMATA_TEST_SEED": str(first), "PATH": "/usr/bin:/bin"}
        try:
            ran = subprocess.run(command, env=environment, capture_output=True, timeout=limit, check=False)
            said, self.ended = ran.stdout, f"ended with {ran.returncode}"
            failed = ran.returncode != 0
        except subprocess.TimeoutExpired as late:
            said, self.ended, failed = late.stdout or b"", f"did not end in {limit} s", True
        text = said.decode(errors="replace")
        self.failures = [(int(seed), test) for seed, test in re.findall(r"^seed (\d+): (\S+) failed$", text, re.M)]
        done = re.findall(r"^seed (\d+): (\d+) loops, (\d+) choices$", text, re.M)
        self.loops = sum(int(each[1]) for each in done)
        self.choices = sum(int(each[2]) for each in done)
        if failed and not self.failures:
            begun = re.findall(r"^\[ RUN      \] (\S+)", text, re.M)
            self.failures.append((first + len(done), f"{begun[-1] if begun else '?'} ({self.ended})"))


def explore(programs, left_out, options):
    """Runs all programs, the same number of seeds each; gives (failures, state)."""
    begun = time.monotonic()
    state_file = options.build.parent / "robustness" / f"{options.report}.state.json"
    state = {"next": {}, "loops": 0, "choices": 0, "runs": 0, "seconds": 0.0}
    if state_file.exists() and not options.afresh:
        state = json.loads(state_file.read_text())
    before = state["seconds"]
    work = {each: [test for test in tests_of(each) if not is_left_out(test, left_out)] for each in programs}
    work = {each: tests for each, tests in work.items() if tests}
    state["programs"] = [each.name for each in work]
    failures = []
    for first in range(options.first, options.first + options.seeds, options.chunk):
        for program, tests in work.items():
            name = program.name
            if state["next"].get(name, options.first) > first:
                continue
            if time.monotonic() - begun > options.seconds:
                break
            seeds = min(options.chunk, options.first + options.seeds - first)
            outcome = Outcome(program, tests, first, seeds)
            failures += [f"{name}: {test}, seed {seed}" for seed, test in outcome.failures]
            state["next"][name] = first + seeds
            state["loops"] += outcome.loops
            state["choices"] += outcome.choices
            state["runs"] += seeds * len(tests)
            state["seconds"] = before + time.monotonic() - begun
            state_file.parent.mkdir(parents=True, exist_ok=True)
            state_file.write_text(json.dumps(state))
    if state["loops"] == 0:
        failures.append("no loop took its seed: are the names in seeded_loops.cpp right?")
    return failures, state


def report(failures, state, programs, left_out, options):
    """Writes build/robustness/schedules.json, and prints the same for people."""
    fewest = min(state["next"].get(each, options.first) for each in state["programs"]) - options.first
    (options.build.parent / "robustness" / f"{options.report}.json").write_text(
        json.dumps(
            {
                "method": f"the asynchronous tests under {fewest} seeded orders of what is ready",
                "injected": state["choices"],
                "unit": "turns with an order to choose",
                "open": len(failures),
                "seconds": round(state["seconds"], 1),
            },
            indent=1,
        )
        + "\n"
    )
    print(
        f"{fewest} seeds, {len(programs)} programs: {state['runs']} runs of tests, {state['loops']} loops, "
        f"{state['choices']} turns with more than one callback, {state['seconds']:.1f} s; "
        f"{sum(is_left_out(test, left_out) for each in programs for test in tests_of(each))} tests promise an order and "
        f"were left out; {len(failures)} failures"
    )
    seeds = {}
    for each in failures:
        test, _, seed = each.partition(", seed ")
        seeds.setdefault(test, []).append(seed)
    for test, failed in seeds.items():
        print(f"  {test}: {len(failed)} times" + (f", first with seed {failed[0]}" if failed[0] else ""))


def stale(programs, left_out, options):
    """Those of the list that pass under all the seeds."""
    passed = []
    for program in programs:
        for test in tests_of(program):
            if is_left_out(test, left_out) and not Outcome(program, [test], options.first, options.seeds).failures:
                passed.append(test)
    for each in passed:
        print(f"passes under {options.seeds} seeds: {each} ")
    return len(passed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--seeds", type=int, default=10000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--chunk", type=int, default=CHUNK, help="seeds a process")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after that long; to be gone on with")
    parser.add_argument("--afresh", action="store_true", help="begin with the first seed")
    parser.add_argument("--report", default="schedules", help="its name: build/robustness/<name>.json")
    parser.add_argument("--stale", action="store_true")
    options = parser.parse_args()
    options.build = options.build.resolve()
    names = (options.build / "tests" / "seeded_programs.txt").read_text().split()
    programs = [options.build / "tests" / name for name in names if (options.build / "tests" / name).exists()]
    if not programs:
        sys.exit(f"no test programs in {options.build}: scripts/build release")
    left_out = order_dependent()
    if len(programs) == len(names):
        tests = {test for each in programs for test in tests_of(each)}
        gone = set(left_out) - tests - {test.split(".")[0] + ".*" for test in tests}
        if gone:
            sys.exit(f"{LIST.name} names tests that are no more: {', '.join(sorted(gone))}")
    if options.stale:
        sys.exit(stale(programs, left_out, options) != 0)
    failures, state = explore(programs, left_out, options)
    report(failures, state, programs, left_out, options)
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
