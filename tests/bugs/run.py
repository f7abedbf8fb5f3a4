#!/usr/bin/env python3
"""Plants bugs in the library, one at a time, and sees whether the tests catch each of them.

    run.py                              all bugs; those that were tried before, with these sources, are not tried again
    run.py --jobs 2 sync- timer         two at a time; only the bugs whose names contain one of these words
    run.py --list                       the bugs and what they do
    run.py --check                      only that each is well written and still applies (seconds; what the tests do)

A bug is a file <layer>-<name>.patch: one sentence that says what goes wrong, a line

    Caught-by: mutex_test condition_test

with the test programs that are built and run (until one fails), and a unified diff of at most five lines. A bug that only
shows where the kernel allows io_uring has a line `Needs: io_uring`.

Your tree is not touched, and may change meanwhile: each job has a copy of it in build/bugs/<number>, with one build that only
compiles what a bug changes. Before anything is planted, the same programs must pass. A program that hangs or crashes has
caught the bug too, and the results say so: build/bugs/results.json, and a summary in build/robustness/bugs.json.

Exit status 1 if a bug survives, no longer applies or does not compile, or if the tests fail without one.
"""

import argparse
import concurrent.futures
import json
import queue
import re
import resource
import shutil
import signal
import sys
import time
from pathlib import Path

from planted import TREE, Failure, read_all
from results import Digests, Outcome, Results
from workers import Worker, copy

HERE = Path(__file__).resolve().parent


class Trial:
    def __init__(self, options, bugs):
        self.bugs = bugs
        tree = options.build_directory / "tree"
        copy(TREE, tree)
        self.digests = Digests(tree, options.compiler)
        self.results = Results(options.build_directory / "results.json")
        self.limit = options.timeout
        self.workers = queue.Queue()
        for number in range(1, options.jobs + 1):
            self.workers.put(Worker(tree, options.build_directory / str(number), options.compiler))
        self.jobs = options.jobs
        self.made = set()
        self.again = options.again
        self.began = time.monotonic()

    def say(self, text):
        print(f"[{time.monotonic() - self.began:5.0f} s] {text}", flush=True)

    def each(self, call, items):
        def with_worker(item):
            worker = self.workers.get()
            try:
                if worker not in self.made:
                    worker.make()
                    self.made.add(worker)
                return call(worker, item)
            finally:
                self.workers.put(worker)

        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            return list(pool.map(with_worker, items))

    def run(self):
        """The outcomes, by the names of the bugs. Raises Failure if the tests fail without any."""
        due = [bug for bug in self.bugs if self.again or not self.results.get(bug.name, self.digests.of_bug(bug))]
        if len(due) < len(self.bugs):
            self.say(f"{len(self.bugs) - len(due)} of {len(self.bugs)} bugs were tried before, with these sources")
        programs = sorted({program for bug in due for program in bug.programs})
        self.each(self.try_without, [p for p in programs if not self.results.get(p, self.digests.of_program(p))])
        broken = [p for p in programs if self.results.kept[p]["kind"] != "passed"]
        if broken:
            raise Failure("without any bug, these fail:\n" + "\n".join(f"  {self.results.kept[p]['text']}" for p in broken))
        # What changes the same file behind each other, and headers last: then less is compiled.
        self.each(self.try_one, sorted(due, key=lambda bug: (min(bug.files).startswith("include"), bug.files, bug.programs)))
        kept = self.results.kept
        return {bug.name: Outcome(kept[bug.name]["kind"], kept[bug.name]["text"]) for bug in self.bugs}

    def try_without(self, worker, program):
        worker.restore()
        worker.compile([program])
        begin = time.monotonic()
        failed, _ = worker.run(program, self.limit)
        outcome = Outcome("fails", failed) if failed else Outcome("passed")
        self.results.put(program, self.digests.of_program(program), outcome, time.monotonic() - begin)
        self.say(f"without a bug: {program} {outcome}")

    def try_one(self, worker, bug):
        begin = time.monotonic()
        outcome = self.try_planted(worker, bug)
        self.results.put(bug.name, self.digests.of_bug(bug), outcome, time.monotonic() - begin)
        self.say(f"{bug.name}: {outcome}")

    def try_planted(self, worker, bug):
        worker.restore()
        try:
            worker.plant(bug)
        except Failure as problem:
            return Outcome("does not apply", str(problem))
        any_skipped = False
        for program in bug.programs:
            try:
                worker.compile([program])
            except Failure as problem:
                if re.search(r"tests/\S+: error: static assertion failed", str(problem)):
                    return Outcome("caught", f"by {program}: a static_assert in it")
                return Outcome("does not build", str(problem))
            # Of what passes in a second, one knows soon that it hangs.
            failed, skipped = worker.run(program, min(self.limit, 10 + 10 * self.results.kept[program]["seconds"]))
            if failed:
                return Outcome("caught", "by " + failed)
            any_skipped = any_skipped or skipped
        if bug.needs and any_skipped:
            return Outcome("cannot be tried", f"it needs {bug.needs}, and the tests that do are skipped here")
        return Outcome("SURVIVED", "tried " + ", ".join(bug.programs))


def report(outcomes, seconds, write_to):
    open_ones = {name: outcome for name, outcome in outcomes.items() if outcome.kind != "caught"}
    for name, outcome in open_ones.items():
        print(f"\n{name}: {outcome}")
    print(f"\n{len(outcomes)} bugs, {len(outcomes) - len(open_ones)} caught, {len(open_ones)} not")
    if write_to:
        write_to.parent.mkdir(parents=True, exist_ok=True)
        summary = {
            "method": "bugs planted in the library, caught by the tests", "injected": len(outcomes), "unit": "bugs",
            "open": sum(outcome.kind != "cannot be tried" for outcome in open_ones.values()), "seconds": round(seconds),
        }
        write_to.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return any(outcome.kind != "cannot be tried" for outcome in open_ones.values())


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", metavar="WORD", help="only bugs whose names contain one of these")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="how many copies of the tree are at work (1)")
    parser.add_argument("--timeout", type=float, default=300, metavar="SECONDS", help="the most a program may take (300)")
    parser.add_argument("--compiler", default="g++", help="the C++ compiler (g++)")
    parser.add_argument("--build-directory", type=Path, default=TREE / "build/bugs", metavar="PATH", help="(build/bugs)")
    parser.add_argument("--again", action="store_true", help="also what was tried before")
    parser.add_argument("--list", action="store_true", help="list the bugs")
    parser.add_argument("--check", action="store_true", help="only check that they are well written, and apply")
    options = parser.parse_args()
    options.build_directory = options.build_directory.absolute()
    if options.jobs < 1:
        parser.error("--jobs must be 1 or more")
    return options


def main():
    options = arguments()
    for tool in ("patch",) if options.check or options.list else ("patch", "cmake", "ninja", options.compiler):
        if not shutil.which(tool):
            raise Failure(f"there is no {tool} here; scripts/install-dependencies installs it")
    paths = [path for path in sorted(HERE.glob("*.patch")) if not options.words or any(w in path.stem for w in options.words)]
    if not paths:
        raise Failure(f"no bug's name contains any of: {' '.join(options.words)}" if options.words else "there are no bugs")
    bugs = read_all(paths, and_try=options.check)
    if options.list:
        for bug in bugs:
            print(f"{bug.name}\n    {bug.sentence}\n    caught by {', '.join(bug.programs)}")
    if options.check:
        print(f"{len(bugs)} bugs: all can be planted")
    if options.list or options.check:
        return 0
    # As the tests want to find things, also where the shell has started this in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    options.build_directory.mkdir(parents=True, exist_ok=True)
    trial = Trial(options, bugs)
    outcomes = trial.run()
    seconds = sum(trial.results.kept[bug.name]["seconds"] for bug in bugs)
    return int(report(outcomes, seconds, None if options.words else TREE / "build/robustness/bugs.json"))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as problem:
        sys.exit(f"{Path(sys.argv[0]).name}: {problem}")
