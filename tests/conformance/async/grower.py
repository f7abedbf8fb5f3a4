"""Grows random programs: the trees that model.py describes."""

import random

import model

RAISED = {"ValueError": 8, "DemoError": 4, "RuntimeError": 2, "TimeoutError": 2, "CancelledError": 2, "StopIteration": 1}
CAUGHT = {"CancelledError": 9, "Exception": 4, "TimeoutError": 5, "ExceptionGroup": 4, "ValueError": 3,
          "BaseException": 3, "RuntimeError": 2, "DemoError": 1}
KINDS = {"op": 60, "try": 13, "group": 8, "timeout": 8, "for": 3, "if": 2, "lock": 4, "semaphore": 2, "condition": 4,
         "callback": 5, "raise": 3, "return": 1, "reraise": 5, "split": 3}
WAITS = {"sleep": 22, "await_slot": 12, "await_future": 5, "await_call": 9, "await_kept": 4, "wait_for": 9, "shield": 7,
         "gather": 8, "wait": 6, "as_completed": 5, "event_wait": 4, "acquire_semaphore": 3, "acquire_mutex": 3,
         "condition_wait": 2, "condition_wait_for": 2, "condition_misuse": 1, "put": 4, "get": 5, "join": 2, "barrier_wait": 4,
         "barrier_reset": 1, "barrier_abort": 1}
ACTS = {"spawn": 24, "cancel": 15, "uncancel": 4, "cancelling": 3, "state": 4, "result": 3, "exception": 2,
        "set_result": 4, "set_exception": 3, "cancel_future": 2, "renew": 3, "future_state": 1, "future_result": 1,
        "future_exception": 1,
        "cancel_handle": 2, "remove_callback": 2, "event_set": 4, "event_clear": 2, "event_state": 1, "put_nowait": 5,
        "get_nowait": 2, "task_done": 4, "shutdown": 1, "queue_state": 1, "release_semaphore": 4, "release_mutex": 3,
        "mutex_state": 1, "notify": 3, "notify_all": 1, "bump": 3, "reschedule": 4, "timeout_state": 2, "group_spawn": 9,
        "barrier_state": 1, "make_gather": 4, "make_shield": 3, "cancel_kept": 3, "kept_state": 2}
OWN = {"cancel_self": 3, "uncancel_self": 2, "cancelling_self": 2}


def program(seed, index):
    """The program number `index` of a seed: the same on every Python from 3.11 on."""
    # Random.randrange is the only source of chance: its sequence is the same in all versions of CPython.
    chance = random.Random(seed * 1_000_003 + index)
    while True:
        candidate = _Grower(chance).program()
        found = model.problems(candidate)
        if not found:
            return candidate
        if found != ["too long"]:
            raise AssertionError(f"the grower made something that is no program: {found}")


class _Grower:
    def __init__(self, chance):
        self.chance = chance
        self.tags = 0

    # chance

    def below(self, count):
        return self.chance.randrange(count)

    def one_in(self, count):
        return self.below(count) == 0

    def pick(self, items):
        items = list(items)
        return items[self.below(len(items))]

    def weighted(self, weights):
        left = self.below(sum(weights.values()))
        for item, weight in weights.items():
            left -= weight
            if left < 0:
                return item
        raise AssertionError("unreachable")

    def tag(self):
        """A number that occurs once, so that a trace shows which of many values and errors this was."""
        self.tags += 1
        return self.tags

    # the whole

    def program(self):
        count = 3 + self.below(3)
        self.functions = [{"body": []} for _ in range(count)]
        # One slot for every function but the first, and a few more.
        self.slots = [1 + fn for fn in range(count - 1)] + [1 + self.below(count - 1) for _ in range(1 + self.below(3))]
        self.kept = [self.below(count - 1) for _ in range(2)]
        for number, function in enumerate(self.functions):
            function["body"] = self.main_body() if number == 0 else self.block(model.Scope(number), 0)
        return {"functions": self.functions, "slots": self.slots, "kept": self.kept,
                "queue": [self.pick(("fifo", "fifo", "lifo", "priority")), self.below(3)],
                "semaphore": [self.below(3), self.below(2)], "barrier": 1 + self.below(3)}

    def main_body(self):
        """Begins with a few tasks, so that something goes on."""
        scope = model.Scope(0)
        start = [self.op("spawn", scope) for _ in range(2 + self.below(3))]
        return start + self.block(scope, 0) + self.block(scope, 0)

    def block(self, scope, depth):
        length = (3 + self.below(4)) if depth == 0 else 1 + self.below(3)
        made = []
        for _ in range(length):
            made.append(self.statement(scope, depth))
            if made[-1]["kind"] in ("raise", "reraise", "return"):
                break
        return made

    def statement(self, scope, depth):
        kind = self.weighted(KINDS)
        if kind == "reraise" or kind == "split":
            if not scope.handler:
                kind = "op"
        if kind in ("raise", "return") and depth == 0 or kind == "return" and not scope.returns:
            kind = "op"
        if depth >= 3 and kind in ("try", *model.BLOCKS):
            kind = "op"
        return getattr(self, kind + "_")(scope, depth)

    # statements

    def op_(self, scope, depth):
        groups = ((WAITS, 5), (ACTS, 5), (OWN, 1))
        weights = self.weighted({index: weight for index, (_, weight) in enumerate(groups)})
        op = self.weighted(groups[weights][0])
        return self.op(op, scope) if self.fits(op, scope) else self.op("sleep", scope)

    def fits(self, op, scope):
        """Whether there is anything later to be called or awaited."""
        last = scope.function == len(self.functions) - 1
        if any(kind in ("spawned", "awaited", "function", "source", "sources") for kind in model.OPS[op]) and last:
            return False
        if op in ("condition_wait", "condition_wait_for"):
            return scope.condition
        if "keeps" in model.OPS[op]:
            return any(level >= scope.function for level in self.kept)
        return True

    def op(self, op, scope):
        level = scope.function
        arguments = []
        for kind in model.OPS[op]:
            argument = getattr(self, "argument_" + kind)(level)
            arguments.append(argument)
            if kind == "keeps":
                level = self.kept[argument]
        caught = self.weighted({0: 6, 1: 3, 2: 1})
        return {"kind": "op", "op": op, "caught": caught, "args": arguments}

    def try_(self, scope, depth):
        handlers = []
        has_finally = self.one_in(4)
        within = scope.but(returns=scope.returns and not has_finally)
        for _ in range(1 if not has_finally or self.one_in(2) else 0):
            classes = {self.weighted(CAUGHT)} if self.one_in(2) else {self.weighted(CAUGHT), self.weighted(CAUGHT)}
            for name in sorted(classes, key=model.CATCHABLE.index):
                handlers.append({"class": name, "body": self.block(within.but(handler=True), depth + 1)})
        final = self.block(within.but(handler=False), depth + 1) if has_finally else None
        return {"kind": "try", "body": self.block(within, depth + 1), "handlers": handlers, "finally": final}

    def group_(self, scope, depth):
        statement = {"kind": "group", "group": self.below(model.GROUPS), "fresh": not self.one_in(12)}
        inside = scope.inside(statement)
        body = self.block(inside, depth + 1)
        if self.fits("group_spawn", scope):
            for _ in range(1 + self.below(3)):
                spawns = self.op("group_spawn", scope)
                spawns["args"][0] = statement["group"]
                body.insert(0, spawns)
        return statement | {"body": body}

    def timeout_(self, scope, depth):
        statement = {"kind": "timeout", "timeout": self.below(model.TIMEOUTS), "fresh": not self.one_in(12),
                     "delay": self.argument_delay(0), "absolute": self.one_in(5)}
        return statement | {"body": self.block(scope.inside(statement), depth + 1)}

    def for_(self, scope, depth):
        return {"kind": "for", "times": 2 + self.below(2), "body": self.block(scope, depth + 1)}

    def if_(self, scope, depth):
        return {"kind": "if", "above": self.below(3), "body": self.block(scope, depth + 1)}

    def lock_(self, scope, depth):
        return {"kind": "lock", "body": self.block(scope, depth + 1)}

    def semaphore_(self, scope, depth):
        return {"kind": "semaphore", "body": self.block(scope, depth + 1)}

    def condition_(self, scope, depth):
        inside = scope.inside({"kind": "condition"})
        op = self.pick(("condition_wait", "condition_wait_for", "notify", "notify_all"))
        return {"kind": "condition", "body": [self.op(op, inside), *self.block(inside, depth + 1)]}

    def callback_(self, scope, depth):
        on = self.pick((["soon", 0], ["later", self.below(5)], ["slot", self.below(len(self.slots))],
                        ["future", self.below(model.FUTURES)]))
        inside = scope.but(callback=True, returns=False, handler=False)
        body = []
        for _ in range(1 + self.below(2)):
            op = self.weighted(ACTS)
            body.append(self.op(op if self.fits(op, scope) else "bump", inside))
        if self.one_in(8):
            body.append(self.raise_(inside, depth))
        return {"kind": "callback", "on": on, "handle": self.below(model.HANDLES), "body": body}

    def raise_(self, scope, depth):
        return {"kind": "raise", "class": self.weighted(RAISED), "text": f"e{self.tag()}"}

    def reraise_(self, scope, depth):
        return {"kind": "reraise"}

    def split_(self, scope, depth):
        return {"kind": "split", "class": self.pick(("ValueError", "TimeoutError", "DemoError", "RuntimeError"))}

    def return_(self, scope, depth):
        return {"kind": "return", "value": 100 + self.tag()}

    # arguments

    def argument_number(self, level):
        return self.below(5)

    def argument_flag(self, level):
        return self.below(2)

    def argument_delay(self, level):
        return self.below(7) - 1

    def argument_mode(self, level):
        return self.pick(model.MODES)

    def argument_error(self, level):
        return self.weighted(RAISED)

    def argument_text(self, level):
        return f"e{self.tag()}"

    def argument_slot(self, level):
        return self.below(len(self.slots))

    def argument_spawned(self, level):
        return self.pick(slot for slot, fn in enumerate(self.slots) if fn > level)

    argument_awaited = argument_spawned

    def argument_function(self, level):
        return level + 1 + self.below(len(self.functions) - level - 1)

    def argument_kept(self, level):
        return self.below(len(self.kept))

    def argument_keeps(self, level):
        return self.pick(kept for kept, last in enumerate(self.kept) if last >= level)

    def argument_source(self, level):
        kind = self.weighted({"s": 5, "c": 5, "f": 2})
        if kind == "f":
            return f"f{self.below(model.FUTURES)}"
        if kind == "s":
            return f"s{self.argument_spawned(level)}"
        return f"c{self.argument_function(level)}.{self.below(5)}"

    def argument_sources(self, level):
        return " ".join(self.argument_source(level) for _ in range(self.weighted({0: 1, 1: 3, 2: 8, 3: 6, 4: 2})))

    def argument_future(self, level):
        return self.below(model.FUTURES)

    def argument_handle(self, level):
        return self.below(model.HANDLES)

    def argument_event(self, level):
        return self.below(model.EVENTS)

    def argument_queue(self, level):
        return self.below(model.QUEUES)

    def argument_timeout(self, level):
        return self.below(model.TIMEOUTS)

    def argument_group(self, level):
        return self.below(model.GROUPS)
