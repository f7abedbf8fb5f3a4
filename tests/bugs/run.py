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
import dataclasses
import filecmp
import hashlib
import json
import os
import queue
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE.parent.parent
MOST_LINES = 5
NOT_COPIED = {"build", ".git", ".cache", "__pycache__"}

CONFIGURE = [
    "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -D_GLIBCXX_ASSERTIONS",
    "-DFERMATA_TEST_PCH=ON", "-DFERMATA_BUILD_EXAMPLES=OFF", "-DFERMATA_BUILD_BENCHMARKS=OFF",
    "-DFERMATA_INSTALL=OFF", "-DFERMATA_PYTHON=OFF",
]


class Failure(Exception):
    """Something that is wrong with a bug, or with the machine: said in one line or more."""


@dataclasses.dataclass
class Bug:
    name: str
    text: str  # of its file: patch passes over what stands before the diff
    sentence: str
    programs: list
    needs: str
    files: list


@dataclasses.dataclass
class Outcome:
    kind: str  # caught, SURVIVED, does not apply, does not build, cannot be tried
    text: str = ""

    def __str__(self):
        return f"{self.kind} {self.text}" if self.kind == "caught" else f"{self.kind}: {self.text}".rstrip(": ")


# The bugs


def read(path):
    text = path.read_text(encoding="utf-8")
    head, found, diff = text.partition("\n--- a/")
    if not found:
        raise Failure("there is no diff in it (a line that begins with --- a/)")
    lines = [line.strip() for line in head.splitlines()]
    fields = dict(line.split(": ", 1) for line in lines if re.match(r"(Caught-by|Needs): ", line))
    sentence = " ".join(line for line in lines if line and not re.match(r"[A-Z][a-z-]+: ", line))
    if not sentence.endswith("."):
        raise Failure("it does not begin with a sentence that says what goes wrong")
    if not fields.get("Caught-by"):
        raise Failure("it has no line `Caught-by: <test programs>`")
    programs = fields["Caught-by"].split()
    for program in programs:
        if not sources_of(program, TREE):
            raise Failure(f"Caught-by: there is no tests/*/{program}.cpp")
    if fields.get("Needs", "io_uring") != "io_uring":
        raise Failure("Needs: what can be needed is io_uring")
    return Bug(path.stem, text, sentence, programs, fields.get("Needs", ""), files_of("--- a/" + diff))


def sources_of(program, tree):
    """Where two layers have a test of the same name, the program of one has the layer in front."""
    tests = sorted((tree / "tests").glob("*/*_test.cpp"))
    return [test for test in tests if program in (test.stem, f"{test.parent.name}_{test.stem}")]


def files_of(diff):
    lines = diff.splitlines()
    files = [line[6:] for line in lines if line.startswith("+++ b/")]
    for file in files:
        if not file.startswith(("src/", "include/")):
            raise Failure(f"it changes {file}: a bug is planted in src/ or include/")
    for sign in "+-":
        many = sum(line.startswith(sign) and not line.startswith(sign * 3) for line in lines)
        if many > MOST_LINES:
            raise Failure(f"it has {many} lines with {sign}: at most {MOST_LINES}, a bug is small")
    return files


def apply(bug, tree, *options):
    # Where the lines next to a bug have changed, somebody has to look at it again.
    command = ["patch", "-p1", "--forward", "--batch", "--fuzz=1", "--no-backup-if-mismatch", "--reject-file=-", *options]
    done = subprocess.run(command, cwd=tree, input=bug.text, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise Failure("\n".join(line for line in done.stdout.splitlines() if not line.startswith(("|", "checking"))))


def read_all(paths, and_try):
    """Raises Failure with all that is wrong with any; if they are to be tried, also where one does not apply."""
    bugs, problems = [], []
    for path in paths:
        try:
            bugs.append(read(path))
            if and_try:
                apply(bugs[-1], TREE, "--dry-run")
        except Failure as problem:
            problems.append(f"{path.relative_to(TREE)}: {problem}")
    if problems:
        raise Failure("\n".join(problems))
    return bugs


# What a result depends on: is it as it was, the result is still good.


class Digests:
    def __init__(self, tree, compiler):
        self.tree = tree
        version = subprocess.run([compiler, "--version"], capture_output=True, check=True).stdout
        parts = ["CMakeLists.txt", "cmake/*", "include/**/*", "src/**/*", "tests/CMakeLists.txt", "tests/*/*.hpp"]
        files = [file for part in parts for file in sorted(tree.glob(part)) if file.is_file()]
        files += [file for file in sorted(tree.glob("tests/*/*.cpp")) if not file.stem.endswith("_test")]
        self.of_all = self.of(files) + hashlib.sha256(version + repr(CONFIGURE).encode()).hexdigest()

    def of(self, files):
        digest = hashlib.sha256()
        for file in files:
            digest.update(str(file.relative_to(self.tree)).encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()

    def of_program(self, program):
        return self.of_all + self.of(sources_of(program, self.tree))

    def of_bug(self, bug):
        parts = bug.text + "".join(map(self.of_program, bug.programs))
        return hashlib.sha256(parts.encode()).hexdigest()


class Results:
    """Kept after each one, so that a run that is broken off goes on where it was."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        try:
            self.kept = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.kept = {}

    def get(self, name, digest):
        kept = self.kept.get(name)
        # What depends on more than the sources is tried again.
        lasts = kept and kept["digest"] == digest and kept["kind"] not in ("fails", "cannot be tried", "does not build")
        return kept if lasts else None

    def put(self, name, digest, outcome, seconds):
        with self.lock:
            self.kept[name] = {"digest": digest, "kind": outcome.kind, "text": outcome.text, "seconds": round(seconds, 2)}
            beside = self.path.with_suffix(".new")
            beside.write_text(json.dumps(self.kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")
            beside.replace(self.path)


# A copy of the tree, and its build


def copy(original, to):
    """Makes the one what the other is. A file that is as it was keeps its time, and is not compiled again."""
    to.mkdir(parents=True, exist_ok=True)
    there = {entry.name for entry in original.iterdir()} - NOT_COPIED
    for entry in to.iterdir():
        if entry.name not in there:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    for name in there:
        one, other = original / name, to / name
        if one.is_dir() and not one.is_symlink():
            copy(one, other)
        elif not other.exists() or not filecmp.cmp(one, other, shallow=False):
            shutil.copyfile(one, other)
            shutil.copymode(one, other)


class Worker:
    def __init__(self, tree, directory, compiler):
        self.tree = tree
        self.source = directory / "source"
        self.changed = []
        self.build = directory / "build"
        self.compiler = compiler
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("FERMATA_")}
        self.environment.update(
            CCACHE_BASEDIR=str(directory), CCACHE_NOHASHDIR="1", CCACHE_SLOPPINESS="pch_defines,time_macros",
            GTEST_FAIL_FAST="1", GTEST_COLOR="no",
        )

    def make(self):
        copy(self.tree, self.source)
        options = [f"-DCMAKE_CXX_COMPILER={self.compiler}"]
        if shutil.which("ccache"):
            options.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
        self.call(["cmake", "-S", self.source, "-B", self.build, *CONFIGURE, *options], "cmake")

    def plant(self, bug):
        self.changed = bug.files
        apply(bug, self.source)

    def restore(self):
        for file in self.changed:
            shutil.copyfile(self.tree / file, self.source / file)
        self.changed = []

    def call(self, command, what):
        done = subprocess.run(
            list(map(str, command)), env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )
        if done.returncode != 0:
            raise Failure(f"{what} failed\n" + "\n".join(done.stdout.splitlines()[-30:]))

    def compile(self, programs):
        self.call(["ninja", "-C", self.build, "-j1", *programs], "the build")

    def run(self, program, limit):
        """Empty if all its tests pass; else which one does not, and how. And whether some were skipped."""
        with tempfile.TemporaryFile() as output:
            running = subprocess.Popen(
                [self.build / "tests" / program], cwd=self.build / "tests", env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )
            try:
                status = running.wait(limit)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                end_group(running)
            output.seek(0)
            text = output.read().decode(errors="replace")
        skipped = "[  SKIPPED ]" in text
        if status == 0:
            return "", skipped
        begun = re.findall(r"^\[ RUN      \] (\S+)", text, re.MULTILINE)
        failed = re.findall(r"^\[  FAILED  \] ([^\s,]+\.[^\s,]+)", text, re.MULTILINE)
        where = failed[0] if failed else begun[-1] if begun else "?"
        if failed:
            return f"{program}: {where}", skipped
        how = f"hangs: stopped after {limit:.0f} s" if status is None else ended(status)
        return f"{program}: {where} ({how})", skipped


def ended(status):
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def end_group(running):
    try:
        os.killpg(running.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    running.wait()


# Trying them


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
