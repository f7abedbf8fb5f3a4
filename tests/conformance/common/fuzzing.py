"""The runner of the differential fuzzers: random programs, written out as Python and as C++, and compared line by line.

Each fuzzer has a run.py, which says what kind of programs they are.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import pathlib
import sys
import tempfile
import time
import types

import counting
import oracle
import shrinking
import toolchain
import trees


@dataclasses.dataclass
class Kind:
    """A kind of programs: the modules of a fuzzer, and its directory."""

    here: pathlib.Path
    model: types.ModuleType          # digest, size, problems, numbered
    grower: types.ModuleType         # program(seed, index)
    python_writer: types.ModuleType  # write
    cpp_writer: types.ModuleType     # translation_unit
    shrink: types.ModuleType         # candidates
    coverage: types.ModuleType       # features, OUTCOMES, SILENT
    modules: tuple = ()              # further directories where its Python programs find what they import
    add_arguments: object = lambda parser: None
    prepare: object = lambda compiler, options, work: None  # sets compiler.linked

    @property
    def runtime(self):
        return self.here / "runtime"

    @property
    def regressions(self):
        return self.here / "regressions"

    @property
    def recorded(self):
        return self.here / "recorded"


def arguments(kind, description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=int, default=300, help="how many random programs (default 300)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--flags", default="-O0", help="compiler flags (default -O0)")
    parser.add_argument("--include", type=pathlib.Path, default=toolchain.INCLUDE,
                        help="the headers to test (default: this repository's)")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=50, help="programs compiled as one file (default 50)")
    parser.add_argument("--work", type=pathlib.Path, help="where to put the texts and binaries (default: temporary)")
    parser.add_argument("--keep", action="store_true", help="do not delete them")
    parser.add_argument("--record", action="store_true",
                        help="record CPython's traces of these programs and of the regressions")
    parser.add_argument("--recorded", action="store_true", help="use the recorded traces even where CPython is present")
    parser.add_argument("--show", type=int, metavar="N", help="print program N in both languages, and run nothing")
    parser.add_argument("--shrink", type=int, default=3, metavar="N", help="how many differing programs to shrink (3)")
    parser.add_argument("--spoil", type=int, metavar="N",
                        help="falsify one line of what program N is expected to print: the run must fail")
    kind.add_arguments(parser)
    return parser.parse_args()


def main(kind, description):
    options = arguments(kind, description)
    if options.show is not None:
        return show(kind, options)
    judge = find_oracle(kind, options)
    print(f"oracle: {judge}")
    if options.record:
        return record(kind, options, judge)
    with work_directory(options) as work:
        return Run(kind, options, judge, pathlib.Path(work)).all()


def show(kind, options):
    program = kind.grower.program(options.seed, options.show)
    print(kind.python_writer.write(program))
    print(kind.cpp_writer.translation_unit([(name_of(options.seed, options.show), program)]))
    return 0


def find_oracle(kind, options):
    live = None if options.recorded else oracle.find(kind)
    judge = live or oracle.recorded(kind, trace_file(kind, options.seed))
    if judge is None:
        sys.exit(f"no CPython {oracle.OLDEST[0]}.{oracle.OLDEST[1]} or newer, and no traces recorded for seed "
                 f"{options.seed}: set FERMATA_PYTHON to one, or choose a seed of {kind.recorded}")
    return judge


def trace_file(kind, seed):
    return kind.recorded / f"seed-{seed}.txt"


def name_of(seed, index):
    return f"seed{seed}_{index}"


def numbered_programs(kind, options):
    indices = range(options.first, options.first + options.programs)
    return [(name_of(options.seed, index), kind.grower.program(options.seed, index)) for index in indices]


def record(kind, options, judge):
    if isinstance(judge, oracle.Recorded):
        sys.exit("recording needs a CPython: set FERMATA_PYTHON")
    programs = numbered_programs(kind, options)
    with tempfile.TemporaryDirectory() as work:
        traces = judge.traces(programs, pathlib.Path(work))
        for path, name, kept in regressions(kind):
            trace = judge.traces([(name, kept["program"])], pathlib.Path(work))[name]
            write_regression(path, kept | {"trace": trace})
    oracle.record(trace_file(kind, options.seed), judge, programs, traces)
    print(f"recorded {len(programs)} programs in {trace_file(kind, options.seed)}")
    return 0


def work_directory(options):
    if options.work:
        options.work.mkdir(parents=True, exist_ok=True)
    # A directory of its own, so that runs at the same time do not write each other's files.
    parent = options.work.resolve() if options.work else None
    if options.keep:
        return _Kept(tempfile.mkdtemp(prefix="fuzz-", dir=parent))
    return tempfile.TemporaryDirectory(prefix="fuzz-", dir=parent)


class _Kept:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        print(f"work: {self.path}")
        return self.path

    def __exit__(self, *_):
        pass


def regressions(kind):
    """What is kept from earlier: path, name and content of each."""
    for path in sorted(kind.regressions.glob("*.json")):
        yield path, "regression_" + path.stem.replace("-", "_"), json.loads(path.read_text())


def write_regression(path, content):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


class Difference:
    def __init__(self, name, program, expected, got):
        self.name, self.program, self.expected, self.got = name, program, expected, got

    def first_line(self):
        """Where the traces part."""
        for index, line in enumerate(self.expected):
            if index >= len(self.got) or self.got[index] != line:
                return index
        return len(self.expected)

    def report(self):
        at = self.first_line()
        line = lambda trace: trace[at] if at < len(trace) else "(nothing)"
        before = [f"      {text}" for text in self.expected[max(0, at - 3):at]]
        return "\n".join([f"  {self.name} differs from line {at + 1} on", *before,
                          f"    - {line(self.expected)}   (expected)", f"    + {line(self.got)}   (C++)"])


class Run:
    def __init__(self, kind, options, judge, work):
        self.kind, self.options, self.judge, self.work = kind, options, judge, work
        self.compiler = toolchain.Compiler(kind, options.compiler, options.flags, options.include)
        self.coverage = counting.Coverage(kind)
        self.compared = self.lines = self.rounds = 0
        self.differences = []

    def all(self):
        start = time.monotonic()
        self.kind.prepare(self.compiler, self.options, self.work)
        self.replay()
        programs = numbered_programs(self.kind, self.options)
        if isinstance(self.judge, oracle.Recorded):
            programs = self.only_recorded(programs)
        size = self.options.batch
        self.compare([programs[at:at + size] for at in range(0, len(programs), size)])
        for difference in self.differences:
            print(difference.report())
        for difference in self.differences[:self.options.shrink]:
            self.shrink(difference)
        self.summary(time.monotonic() - start)
        return 1 if self.differences else 0

    def only_recorded(self, programs):
        known = [(name, program) for name, program in programs if trees.digest(program) in self.judge.known]
        if not known:
            sys.exit("none of these programs was recorded: the recording is of another version of the fuzzer")
        if len(known) < len(programs):
            print(f"note: of {len(programs)} programs {len(known)} were recorded, and only these are compared")
        return known

    def replay(self):
        """The regressions. Their traces are in their files; where CPython is present, it must still agree."""
        kept = [(name, content) for _, name, content in regressions(self.kind)]
        if not kept:
            return
        programs = [(name, content["program"]) for name, content in kept]
        expected = {name: content["trace"] for name, content in kept}
        if not isinstance(self.judge, oracle.Recorded):
            now = self.judge.traces(programs, self.work)
            for name, _ in programs:
                if now[name] != expected[name]:
                    print(f"note: CPython's trace of {name} is not the recorded one any more (run.py --record)")
            expected = now
        got = self.compiler.traces(programs, self.work, "regressions")
        self.judge_batch(programs, expected, got)
        print(f"regressions: {len(programs)} replayed, {len(self.differences)} differing")

    def compare(self, batches):
        with concurrent.futures.ThreadPoolExecutor(self.options.jobs) as pool:
            jobs = [pool.submit(self.run_batch, number, batch) for number, batch in enumerate(batches)]
            for job, batch in zip(jobs, batches):
                expected, got = job.result()
                self.spoil(expected)
                self.judge_batch(batch, expected, got)

    def run_batch(self, number, batch):
        expected = self.judge.traces(batch, self.work)
        return expected, self.compiler.traces(batch, self.work, f"batch{number}")

    def spoil(self, expected):
        if self.options.spoil is None:
            return
        trace = expected.get(name_of(self.options.seed, self.options.spoil))
        if trace:
            trace[len(trace) // 2] += " (spoilt)"

    def judge_batch(self, programs, expected, got):
        for name, program in programs:
            self.compared += 1
            self.lines += len(expected[name])
            self.coverage.add(program, expected[name])
            if got.get(name, []) != expected[name]:
                self.differences.append(Difference(name, program, expected[name], got.get(name, [])))

    # shrinking

    def shrink(self, difference):
        if difference.name.startswith("regression_"):
            return
        if self.options.spoil is not None or isinstance(self.judge, oracle.Recorded):
            print(f"  {difference.name} is not shrunk: that needs CPython's word on every smaller program")
            return
        print(f"  {difference.name}: shrinking", flush=True)
        smallest = shrinking.shrink(self.kind, difference.program, self.disagreement, self.tell_size)
        found, = self.results([smallest])
        path = self.kind.regressions / f"{trees.digest(smallest)}.json"
        note = f"found with {self.options.compiler} {self.options.flags}, seed {self.options.seed}"
        write_regression(path, {"note": note, "program": smallest, "trace": found.expected})
        print(f"{found.report()}\n  kept as {path}")
        print(self.kind.python_writer.write(smallest))

    def tell_size(self, program):
        print(f"    {self.kind.model.size(program)}", flush=True)

    def disagreement(self, programs):
        return [difference.got != difference.expected for difference in self.results(programs)]

    def results(self, programs):
        """Compares a round of candidates, all compiled as one file."""
        self.rounds += 1
        named = [(f"round{self.rounds}_{index}", program) for index, program in enumerate(programs)]
        expected = self.judge.traces(named, self.work)
        got = self.compiler.traces(named, self.work, f"round{self.rounds}")
        return [Difference(name, program, expected[name], got.get(name, [])) for name, program in named]

    def summary(self, seconds):
        print("coverage:")
        print(self.coverage.report())
        print("not reached by any program: " + (", ".join(self.coverage.holes()) or "nothing"))
        print(f"oracle: {self.judge}")
        print(f"C++: {self.options.compiler} {self.options.flags}; {self.compiler.seconds:.0f} s in compilers, "
              f"{seconds:.0f} s in all")
        print(f"{self.compared} programs, {self.lines} lines compared, {len(self.differences)} programs differing")
