#!/usr/bin/env python3
"""Runs the asynchronous tests under seeded orders of what is ready, and says which fail under which seed.

usage: tests/schedules/run.py [--build build/release] [--seeds 10000] [--io-seeds 200] [--seconds 600] [--stale]

The tests of loop, tasks and primitives take milliseconds a seed. Those that talk to threads, peers and the kernel take seconds,
and have a number of seeds of their own.

A program repeats its tests in one process, each time with the next seed (see seeded_loops.cpp). Those that promise an order
are left out: order_dependent.txt names them, and says why. A run that is stopped, or whose time is up, goes on where it was
when it is started again, if the programs are the same; --afresh begins with the first seed. A test that fails: FERMATA_TEST_SEED=<seed> <program>
--gtest_filter=<test>.

--stale runs those of the list instead, each for itself, and names those that pass under all the seeds.
"""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).with_name("order_dependent.txt")
QUICK = ("loop", "task", "sync")  # the layers whose tests wait for nothing but each other


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


def without_parameters(test):
    """on/tcp.connects/epoll is tcp.connects, as the list has it."""
    suite, _, name = test.partition(".")
    return suite.split("/")[-1] + "." + name.split("/")[0]


def is_left_out(test, left_out):
    """Whether the list names it, or its suite."""
    test = without_parameters(test)
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

    def __init__(self, program, tests, first, seeds):
        limit = 120 + 10 * seeds
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
        if failed and len(done) < seeds:
            begun = re.findall(r"^\[ RUN      \] (\S+)", text, re.M)
            self.failures.append((first + len(done), f"{begun[-1] if begun else '?'} ({self.ended})"))


class Exploration:
    """Programs under the same number of seeds each. Its state is a file, with which the next run goes on."""

    def __init__(self, what, programs, left_out, seeds, chunk, options):
        self.what, self.last, self.chunk, self.first = what, options.first + seeds, chunk, options.first
        self.file = options.build.parent / "robustness" / f"{options.report}-{what.split(',')[0]}.state.json"
        tests = {each: [test for test in tests_of(each) if not is_left_out(test, left_out)] for each in programs}
        self.work = {each: of for each, of in tests.items() if of}
        self.state = {"of": self.digest(), "next": {}, "loops": 0, "choices": 0, "runs": 0, "seconds": 0.0, "failures": []}
        if self.file.exists() and not options.afresh:
            before = json.loads(self.file.read_text())
            if before.get("of") == self.state["of"]:
                self.state = before
        self.left_out = sum(is_left_out(test, left_out) for each in programs for test in tests_of(each))

    def digest(self):
        """Of all that is run: what was seen of other programs says nothing of these."""
        digest = hashlib.sha256()
        for program, tests in self.work.items():
            digest.update(program.read_bytes() + " ".join(tests).encode())
        return digest.hexdigest()

    def run(self, until):
        for first in range(self.first, self.last, self.chunk):
            for program, tests in self.work.items():
                if self.state["next"].get(program.name, self.first) > first:
                    continue
                begun = time.monotonic()
                if begun > until:
                    return
                self.try_seeds(program, tests, first)
                self.state["seconds"] += time.monotonic() - begun
                self.file.parent.mkdir(parents=True, exist_ok=True)
                self.file.write_text(json.dumps(self.state))

    def try_seeds(self, program, tests, first):
        seeds = min(self.chunk, self.last - first)
        outcome = Outcome(program, tests, first, seeds)
        self.state["failures"] += [f"{program.name}: {test}, seed {seed}" for seed, test in outcome.failures]
        self.state["loops"] += outcome.loops
        self.state["choices"] += outcome.choices
        self.state["runs"] += seeds * len(tests)
        # What makes no loop has no order; that something went wrong instead is seen by all programs' having none.
        has_none = outcome.loops == 0 and not outcome.failures
        self.state["next"][program.name] = self.last if has_none else first + seeds

    def result(self):
        if self.state["runs"] and self.state["loops"] == 0:
            self.state["failures"] = ["no loop took its seed: are the names in seeded_loops.cpp right?"]
        fewest = min(self.state["next"].get(each.name, self.first) for each in self.work) - self.first
        return {
            "method": f"the tests of {self.what} under {fewest:,} seeded orders of what is ready",
            "injected": self.state["choices"],
            "unit": "turns with an order to choose",
            "open": len(self.state["failures"]),
            "seconds": round(self.state["seconds"], 1),
        }

    def say(self):
        print(
            f"{self.result()['method']}: {len(self.work)} programs, {self.state['runs']} runs of tests, {self.state['loops']} loops, "
            f"{self.state['choices']} turns with more than one callback, {self.state['seconds']:.1f} s; "
            f"{self.left_out} tests promise an order and were left out; {len(self.state['failures'])} failures"
        )
        seeds = {}
        for each in self.state["failures"]:
            test, _, seed = each.partition(", seed ")
            seeds.setdefault(test, []).append(seed)
        for test, failed in seeds.items():
            print(f"  {test}: {len(failed)} times" + (f", first with seed {failed[0]}" if failed[0] else ""))


def stale(programs, left_out, options):
    """Those of the list that pass under all the seeds, whatever their parameters."""
    passed, failed = set(), set()
    for program in programs:
        for test in tests_of(program):
            if is_left_out(test, left_out):
                of = Outcome(program, [test], options.first, options.seeds)
                (failed if of.failures else passed).add(without_parameters(test))
    for each in sorted(passed - failed):
        print(f"passes under {options.seeds} seeds: {each} ")
    return len(passed - failed)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
    parser.add_argument("--seeds", type=int, default=10000)
    parser.add_argument("--io-seeds", type=int, default=200, help="of the tests that talk to threads, peers and the kernel")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after that long; to be gone on with")
    parser.add_argument("--afresh", action="store_true", help="begin with the first seed")
    parser.add_argument("--report", default="schedules", help="its name: build/robustness/<name>.json")
    parser.add_argument("--stale", action="store_true")
    options = parser.parse_args()
    options.build = options.build.resolve()
    return options


def main():
    options = arguments()
    listed = (options.build / "tests" / "seeded_programs.txt").read_text().split()
    there = {options.build / "tests" / each.split("/")[1]: each.split("/")[0] for each in listed}
    programs = {program: layer for program, layer in there.items() if program.exists()}
    if not programs:
        sys.exit(f"no test programs in {options.build}: scripts/build release")
    left_out = order_dependent()
    if len(programs) == len(listed):
        tests = {without_parameters(test) for each in programs for test in tests_of(each)}
        gone = set(left_out) - tests - {test.split(".")[0] + ".*" for test in tests}
        if gone:
            sys.exit(f"{LIST.name} names tests that are no more: {', '.join(sorted(gone))}")
    if options.stale:
        sys.exit(stale(programs, left_out, options) != 0)
    until = time.monotonic() + options.seconds
    quick = [program for program, layer in programs.items() if layer in QUICK]
    others = [program for program, layer in programs.items() if layer not in QUICK]
    explorations = [
        Exploration("loop, tasks and primitives", quick, left_out, options.seeds, 50, options),
        Exploration("threads, I/O, children, network and TLS", others, left_out, options.io_seeds, 5, options),
    ]
    for each in explorations:
        each.run(until)
        each.say()
    results = [each.result() for each in explorations]
    (options.build.parent / "robustness" / f"{options.report}.json").write_text(json.dumps(results, indent=1) + "\n")
    sys.exit(any(each["open"] for each in results))


if __name__ == "__main__":
    main()
