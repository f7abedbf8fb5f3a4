"""What is measured: each workload, its sizes, whom it is compared with, and what it is to cost at most."""

from dataclasses import dataclass

LIMITS = ("limit, g++", "limit, clang")
FERMATA = ("fermata, g++", "fermata, clang")
ASIO, COROUTINE2, LIBUV, CPYTHON, UVLOOP = "Asio", "Boost.Coroutine2", "libuv", "CPython", "uvloop"
PEERS = (ASIO, COROUTINE2, LIBUV, CPYTHON, UVLOOP)
COMPILERS = ("g++", "clang")


@dataclass(frozen=True)
class Goal:
    """At most `factor` times what `of` takes: "limit", a peer's name, or "first": itself, at the first size."""

    factor: float
    of: str = "limit"

    def __str__(self):
        if self.of == "first":
            return f"flat: ≤ {self.factor:g} × the first"
        return f"≤ {self.factor:g} × {self.of}" if self.factor != 1 else f"≤ {self.of}"


@dataclass(frozen=True)
class Workload:
    name: str
    group: str  # generators, loop: which of a side's programs does it
    title: str
    unit: str
    rows: tuple  # the sizes in the table
    grows: tuple = ()  # the other sizes, for fermata and the limit only
    peers: tuple = ()
    limit: str = ""  # the limit's workload; none: there is no limit
    other_limits: tuple = ()  # (name, the limit's workload): beside the limit
    goal: Goal = None
    once: bool = False  # measured at the first time: it waits for the time, or what it costs is to get memory
    memory: bool = False
    limit_keeps: bool = True  # memory that can be compared
    count: int = 0  # the size at which instructions are counted; 0: they are not
    up_to: int = 10**9  # of CPython and uvloop, which take seconds for what takes the others milliseconds
    program: str = ""  # what the programs call it; none: its name

    @property
    def sizes(self):
        return tuple(sorted({*self.rows, *self.grows}))

    @property
    def called(self):
        return self.program or self.name


def decades(first, last):
    return tuple(10**i for i in range(first, last + 1))


GENERATORS = (
    Workload("step_opaque", "generators", "a step, the body in another translation unit", "step", (100_000,),
             decades(3, 6), (ASIO, COROUTINE2, CPYTHON), "step_opaque", goal=Goal(1.1), count=10_000),
    Workload("step_visible", "generators", "a step, the body seen by the caller", "step", (100_000,), decades(3, 6),
             limit="step_visible", other_limits=(("iterator by hand", "step_iterator"),), count=10_000),
    Workload("step_loop", "generators", "the same in a range-for loop", "step", (100_000,), limit="step_visible", count=10_000),
    Workload("create", "generators", "create, 3 steps, destroy", "generator", (100_000,), decades(3, 6),
             (ASIO, COROUTINE2, CPYTHON), "create", goal=Goal(1.08), count=1000),
    Workload("send", "generators", "a send", "send", (100_000,), decades(3, 6), (ASIO, COROUTINE2, CPYTHON), "send",
             goal=Goal(1.2), count=1000),
    Workload("yield_from", "generators", "an element through yield from, N deep", "element", (1, *decades(1, 4)),
             peers=(COROUTINE2, CPYTHON), goal=Goal(1.2, "first"), count=1000),
    Workload("tree", "generators", "recursive walk of a tree", "node", (2**20 - 1,), (2**10 - 1, 2**13 - 1, 2**17 - 1),
             (COROUTINE2, CPYTHON), "tree", goal=Goal(0.8, COROUTINE2), count=2**10 - 1),
    Workload("throw", "generators", "throw_, caught in the generator", "exception", (10_000,), decades(2, 5), (CPYTHON,),
             "throw", goal=Goal(1.1), count=300),
    Workload("close_passing", "generators", "create, step, close(), which it lets pass", "generator", (10_000,), decades(2, 5),
             (CPYTHON,), "throw", goal=Goal(1.2), count=300),
    Workload("close_catching", "generators", "create, step, close(), which it may catch", "generator", (10_000,), decades(2, 5),
             (CPYTHON,), "throw", count=300),
    Workload("destroy", "generators", "create, step, destroy", "generator", (10_000,), decades(2, 5),
             (COROUTINE2, CPYTHON), "destroy", count=1000),
    Workload("throw_through", "generators", "an exception through 10 delegations", "exception", (1_000,), decades(1, 4),
             (COROUTINE2, CPYTHON), goal=Goal(1, CPYTHON), count=100),
)  # fmt: skip

LOOP = (
    Workload("await_child", "loop", "await a child that completes at once", "await", (100_000,), decades(3, 6),
             (ASIO, CPYTHON), "await_child", goal=Goal(1.05), count=1000),
    Workload("turn", "loop", "a turn of the ready queue, of N tasks", "turn", (10, 100, 1000), (10_000,),
             (ASIO, LIBUV, UVLOOP, CPYTHON), "turn", goal=Goal(1.8), count=100),
    Workload("turn_beside_timers", "loop", "a turn of 100 tasks while N others sleep", "turn", (1000, 1_000_000),
             decades(3, 6), (ASIO, LIBUV, UVLOOP, CPYTHON), goal=Goal(1.2, "first"), up_to=1000),
    Workload("queue", "loop", "an item through a queue of 16", "item", (100_000,), decades(3, 6),
             (ASIO, CPYTHON, UVLOOP), "queue", goal=Goal(1.6), count=1000),
    Workload("spawn_again", "loop", "spawn and join 1000 tasks, again and again", "task", (1000,),
             peers=(ASIO, CPYTHON), limit="spawn", goal=Goal(1), count=1000, program="spawn"),
    Workload("spawn", "loop", "spawn and join N tasks, once", "task", decades(3, 6), peers=(ASIO, CPYTHON), limit="spawn",
             goal=Goal(1), once=True, memory=True),
    Workload("sleep", "loop", "N sleeps within 1 s", "sleep", decades(3, 6), peers=(ASIO, LIBUV, CPYTHON), limit="sleep",
             goal=Goal(0.55), other_limits=(("coalesced to 1 ms", "sleep_coalesced"),), once=True, memory=True),
    Workload("chain", "loop", "awaits N deep", "level", decades(3, 6), peers=(ASIO, CPYTHON), limit="chain", once=True,
             memory=True, count=300),
    Workload("chain_again", "loop", "awaits N deep, again and again", "level", (1000, 1_000_000), peers=(ASIO,), limit="chain",
             program="chain"),
    Workload("cancel", "loop", "cancel and join N sleeping tasks", "task", decades(2, 5), peers=(ASIO, CPYTHON),
             limit="cancel", goal=Goal(1.06), once=True, memory=True, limit_keeps=False, count=100),
)  # fmt: skip

WORKLOADS = GENERATORS + LOOP

# What only scripts/bench-check counts: (side, group, workload, size).
COUNTED_ONLY = (
    ("fermata", "generators", "create_malloc", 1000),
    ("fermata", "loop", "await_done", 1000),
    ("fermata", "loop", "queue_of_1", 1000),
    ("fermata", "loop", "item", 1000),
    ("fermata", "loop", "lock", 1000),
    ("fermata", "loop", "spawn_one", 1000),
    ("fermata", "loop", "timer", 1000),
)
