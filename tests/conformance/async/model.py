"""An asyncio program as a tree, before it is written out as Python or as C++.

Dicts, lists, strings and numbers only, as in the fuzzer of generators, so that JSON keeps a program and the shrinker can
cut any part of it away.

    program    functions · slots · kept · queue · semaphore · barrier (what the world of runtime/support.* is made of)
    function   body: statements. It is a coroutine function; the first one is the main task
    slot       holds a task: the number of the function that it runs
    kept       holds a future that gather or shield made: the last function that may await it
    statement  kind, and what that kind needs; `at` (put in by `numbered`) names it in the trace: "f0.5"
               op: one operation of the world (OPS), its arguments, and which errors of it are caught on the spot

A function calls, spawns and awaits later functions only: what waits for what has no cycles (cancelling one would never
end, in CPython too), and no program runs for ever.
"""

import copy
import json

import trees

FUTURES, EVENTS, QUEUES, HANDLES, GROUPS, TIMEOUTS = 3, 2, 2, 3, 2, 2
ERRORS = ("ValueError", "RuntimeError", "DemoError", "TimeoutError", "CancelledError", "StopIteration")
CATCHABLE = ("CancelledError", "TimeoutError", "ValueError", "RuntimeError", "DemoError", "ExceptionGroup", "Exception",
             "BaseException")
MODES = ("FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED")

# The operations: what their arguments are. A number that may be missing (a timeout) is -1 then.
SYNC = {
    "spawn": ("spawned", "number", "flag"),  # slot, argument, eager
    "cancel": ("slot",), "uncancel": ("slot",), "cancelling": ("slot",),
    "state": ("slot",), "result": ("slot",), "exception": ("slot",),
    "set_result": ("future", "number"), "set_exception": ("future", "error", "text"), "cancel_future": ("future",),
    "renew": ("future",), "future_state": ("future",), "future_result": ("future",), "future_exception": ("future",),
    "cancel_handle": ("handle",), "remove_callback": ("handle",),
    "event_set": ("event",), "event_clear": ("event",), "event_state": ("event",),
    "put_nowait": ("queue", "number"), "get_nowait": ("queue",), "task_done": ("queue",),
    "shutdown": ("queue", "flag"), "queue_state": ("queue",),
    "release_semaphore": (), "release_mutex": (), "mutex_state": (), "notify": ("number",), "notify_all": (), "bump": (),
    "reschedule": ("timeout", "delay"), "timeout_state": ("timeout",),
    "group_spawn": ("group", "spawned", "number"), "barrier_state": (),
    "make_gather": ("keeps", "sources", "flag"), "make_shield": ("keeps", "source"),
    "cancel_kept": ("kept",), "kept_state": ("kept",),
}
# Of the running task.
TASK = {"cancel_self": (), "uncancel_self": (), "cancelling_self": ()}
ASYNC = {
    "sleep": ("number",), "await_slot": ("awaited",), "await_future": ("future",), "await_call": ("function", "number"),
    "await_kept": ("keeps",),
    "wait_for": ("source", "delay"), "shield": ("source",), "gather": ("sources", "flag"),
    "wait": ("sources", "mode", "delay"), "as_completed": ("sources", "delay"),
    "event_wait": ("event",), "acquire_semaphore": (), "acquire_mutex": (), "condition_wait": (),
    "condition_wait_for": ("number",), "put": ("queue", "number"), "get": ("queue",), "join": ("queue",),
    "condition_misuse": (),
    "barrier_wait": (), "barrier_reset": (), "barrier_abort": (),
}
OPS = SYNC | TASK | ASYNC
BLOCKS = ("lock", "semaphore", "condition", "group", "timeout", "for", "if", "callback")  # with a body
MAXIMUM_COST = 400  # operations executed at the most, but for those of tasks


# --- walking


def numbered(program):
    """A copy in which every statement carries the name that the trace calls it by."""
    result = copy.deepcopy(program)
    for number, function in enumerate(result["functions"]):
        for index, statement in enumerate(trees.statements(function["body"])):
            statement["at"] = f"f{number}.{index}"
            statement["id"] = str(index)
    return result


def size(program):
    return len(json.dumps(program))


def sources(text):
    """A source is "s1" (what slot 1 holds), "f0" (future 0) or "c2.5" (a coroutine of function 2): the parts of each."""
    for part in text.split():
        number, _, argument = part[1:].partition(".")
        yield part[0], int(number), int(argument or 0)


# --- validity


class Scope:
    """Where a statement stands."""

    def __init__(self, function, callback=False, returns=True, handler=False, condition=False):
        self.function, self.callback, self.returns, self.handler = function, callback, returns, handler
        self.condition = condition  # its lock is held

    def but(self, **changes):
        return Scope(**(vars(self) | changes))

    def inside(self, statement):
        """Of the body of a statement."""
        if statement["kind"] == "callback":
            return self.but(callback=True, returns=False, handler=False)
        # These bodies are coroutines of their own in C++.
        if statement["kind"] in ("group", "timeout"):
            return self.but(returns=False)
        if statement["kind"] == "condition":
            return self.but(condition=True)
        return self


def problems(program):
    """Why this tree is no program (empty if it is one). The shrinker asks for every candidate."""
    found = []
    if not program["functions"]:
        return ["a program needs a function"]
    if any(not 0 < fn < len(program["functions"]) for fn in program["slots"]):
        return ["a slot for an unknown function"]
    for number, function in enumerate(program["functions"]):
        found += _block_problems(program, function["body"], Scope(number))
    if not found and cost(program) > MAXIMUM_COST:
        found.append("too long")
    return found


def _block_problems(program, block, scope):
    found = []
    for statement in block:
        kind = statement["kind"]
        if kind == "op":
            found += _op_problems(program, statement, scope)
        elif kind in ("reraise", "split") and not scope.handler:
            found.append("an exception asked for outside a handler")
        elif kind == "return" and not scope.returns:
            found.append("a return that C++ cannot express here")
        elif kind == "callback":
            where, which = statement["on"]
            if where == "slot" and which >= len(program["slots"]):
                found.append("an unknown slot")
        if scope.callback and kind not in ("op", "raise"):
            found.append("a callback that is more than operations")
        if kind == "try":
            within = scope.but(returns=scope.returns and statement["finally"] is None)
            found += _block_problems(program, statement["body"], within)
            for handler in statement["handlers"]:
                found += _block_problems(program, handler["body"], within.but(handler=True))
            found += _block_problems(program, statement["finally"] or [], within.but(handler=False))
            if not statement["handlers"] and statement["finally"] is None:
                found.append("a try without except and finally")
        elif kind in BLOCKS:
            found += _block_problems(program, statement["body"], scope.inside(statement))
    return found


def _op_problems(program, statement, scope):
    op = statement["op"]
    if scope.callback and op not in SYNC:
        return ["a callback cannot wait"]
    if op in ("condition_wait", "condition_wait_for") and not scope.condition:
        # It would take away the lock that another one holds, who then could not give it back.
        return ["waits for a condition without its lock"]
    found = []
    level = scope.function
    if op.startswith("make_"):
        kept = statement["args"][0]
        if kept >= len(program["kept"]) or program["kept"][kept] < level:
            return ["a function that may not keep it"]
        level = program["kept"][kept]
    for kind, argument in zip(OPS[op], statement["args"]):
        if kind in ("spawned", "awaited", "slot") and argument >= len(program["slots"]):
            found.append("an unknown slot")
        elif kind in ("spawned", "awaited") and program["slots"][argument] <= scope.function:
            found.append("a task of an earlier function")
        elif kind == "function" and not level < argument < len(program["functions"]):
            found.append("a call of an earlier or unknown function")
        elif kind == "kept" and argument >= len(program["kept"]):
            found.append("an unknown kept future")
        elif kind == "keeps" and (argument >= len(program["kept"]) or program["kept"][argument] < scope.function):
            found.append("a function that may not await it")
        elif kind in ("source", "sources"):
            for where, which, _ in sources(argument):
                if where == "s" and (which >= len(program["slots"]) or program["slots"][which] <= level):
                    found.append("a source that is an earlier task")
                if where == "c" and not level < which < len(program["functions"]):
                    found.append("a source that is an earlier function")
    return found


# --- cost


def cost(program):
    """How many statements could be executed in the main task at the most, coroutines included, tasks not."""
    functions = program["functions"]
    prices = [0] * len(functions)
    for number in reversed(range(len(functions))):
        prices[number] = _block_cost(functions[number]["body"], prices)
    return max(prices)


def _block_cost(block, prices):
    total = 0
    for statement in block:
        inside = sum(_block_cost(inner, prices) for inner in trees.blocks(statement))
        total += 1 + inside * statement.get("times", 1)
        for kind, argument in zip(OPS.get(statement.get("op"), ()), statement.get("args", ())):
            if kind == "function":
                total += prices[argument]
            elif kind in ("source", "sources"):
                total += sum(prices[which] for where, which, _ in sources(argument) if where == "c")
    return total
