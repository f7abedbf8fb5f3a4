"""What the programs exercise: the features and outcomes that common/counting.py counts."""

import model
import trees

SILENT = {"for", "if"}

# What is to be seen in the traces, beyond single statements.
OUTCOMES = {
    "cancelled before its start": r"^end \d+ \S+ t\d+ cancelled",
    "cancellation caught": r"caught CancelledError",
    "cancellation swallowed on the spot": r"raises CancelledError",
    "cancel of what is done": r" cancel false",
    "uncancel above 0": r"uncancel(_self)? [1-9]",
    "group fails": r"ExceptionGroup: unhandled errors in a TaskGroup",
    "group with several errors": r"\([2-9] sub-exceptions\)",
    "group within a group": r"ExceptionGroup: [^\[]*\[.*ExceptionGroup",
    "group finished": r"TaskGroup .* is finished",
    "group shutting down": r"is shutting down",
    "group entered twice": r"has already been entered$",
    "group left well": r"leaves the group",
    "group split": r"splits ExceptionGroup",
    "timeout fires": r"caught TimeoutError$",
    "timeout left well": r"leaves the timeout",
    "timeout rescheduled too late": r"Cannot change state of",
    "timeout entered twice": r"Timeout has already been entered",
    "wait_for times out": r"wait_for raises TimeoutError$",
    "wait leaves some": r" wait .*\| \S",
    "as_completed times out": r"^next \d+ \S+ TimeoutError$",
    "gather keeps exceptions": r"gather \[.*Error",
    "invalid state": r"InvalidStateError",
    "semaphore released too often": r"released too many times",
    "lock not acquired": r"Lock is not acquired",
    "condition without lock": r"un-acquired lock",
    "queue full": r"QueueFull", "queue empty": r"QueueEmpty", "queue shut down": r"QueueShutDown",
    "task_done too often": r"task_done\(\) called too many times",
    "barrier broken": r"Barrier aborted|Abort or reset of barrier",
    "coroutine raised StopIteration": r"coroutine raised StopIteration",
    "exception in a callback": r"Exception in callback",
    "unseen exception": r"^end .* unseen",
    "callback after the task": r"is called$",
    "task of asyncio's own": r"Task\+\d",
    "cancelled at the end": r"^end \d+ \S+ cancels",
}


def features(program):
    """Pairs of a feature and the place where the program has it."""
    for function in program["functions"]:
        for statement in trees.statements(function["body"]):
            yield from _statement_features(statement)


def _statement_features(statement):
    kind, at = statement["kind"], statement["at"]
    if kind == "op":
        op = statement["op"]
        yield op, at
        for argument, value in zip(model.OPS[op], statement["args"]):
            if argument in ("source", "sources"):
                for where in sorted({where for where, _, _ in model.sources(value)}):
                    yield f"{op} of {dict(s='tasks', f='futures', c='coroutines')[where]}", at
            elif argument == "mode":
                yield f"wait {value}", at
        if op == "spawn" and statement["args"][2]:
            yield "spawn eagerly", at
        if op == "gather" and statement["args"][1]:
            yield "gather, return_exceptions", at
    elif kind == "callback":
        yield f"callback on {statement['on'][0]}", at
    elif kind == "try":
        yield "try finally" if statement["finally"] is not None else "try", at
        for handler in statement["handlers"]:
            yield f"except {handler['class']}", at
    elif kind == "raise":
        yield f"raise {statement['class']}", at
    else:
        yield kind, at
