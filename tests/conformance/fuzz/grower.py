"""Grows random programs: the trees that model.py describes."""

import random

import model
import trees

# Python's classes, and how often each is raised, thrown or caught. DemoExit derives from BaseException only,
# NarrowError from ValueError: catching by base class must work in both languages.
RAISED = {"ValueError": 5, "DemoError": 4, "StopIteration": 4, "RuntimeError": 3, "TypeError": 2, "NarrowError": 2,
          "GeneratorExit": 2, "DemoExit": 1}
THROWN = {"ValueError": 5, "GeneratorExit": 5, "DemoError": 3, "StopIteration": 3, "RuntimeError": 2, "TypeError": 1,
          "NarrowError": 2, "DemoExit": 2}
CAUGHT = {"GeneratorExit": 6, "ValueError": 6, "Exception": 4, "RuntimeError": 4, "StopIteration": 4,
          "BaseException": 4, "DemoError": 3, "TypeError": 2, "NarrowError": 1, "DemoExit": 1}


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


class _Context(model.Scope):
    """A scope that also knows how deep it is: blocks get smaller on the way down."""

    def __init__(self, function, depth=0, **scope):
        super().__init__(**scope)
        self.function, self.depth = function, depth

    def but(self, **changes):
        values = {"loop": self.loop, "handler": self.handler, "subs": self.subs} | changes
        return _Context(self.function, self.depth + 1, **values)


class _Grower:
    def __init__(self, chance):
        self.chance = chance
        self.tags = 0
        self.functions, self.slots = [], []

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

    def local(self):
        return self.pick(model.LOCALS)

    def tag(self):
        """A number that occurs once, so that a trace shows which of many yields and errors this was."""
        self.tags += 1
        return self.tags

    # the whole

    def program(self):
        self.plan_functions()
        for number in range(len(self.functions)):
            context = _Context(number)
            self.functions[number]["body"] = self.body(context)
        return without_dead_functions({"functions": self.functions, "slots": self.slots, "script": self.script()})

    def plan_functions(self):
        count = self.weighted({2: 3, 3: 4, 4: 2, 5: 1})
        weights = {"plain": 12, "wide": 2, "mixed": 2, "reference": 2, "counting": 3, "silent": 2, "optional": 5}
        usual = self.weighted(weights)
        types = [self.weighted(weights) if self.one_in(3) else usual for _ in range(count)]
        self.functions = [{"type": name, "peer": None, "body": []} for name in types]
        # The first functions delegate the most: they are the interesting ones to drive.
        driven = [number % count if not self.one_in(3) else self.below(count) for number in range(2 + self.below(3))]
        self.slots = [{"type": types[fn], "call": fn} for fn in driven]
        for function in self.functions:
            if self.one_in(2):
                function["peer"] = self.pick(self.slots)["type"]
        for slot in self.slots:
            slot["call"] = self.call_from_outside(slot["call"])

    def call_from_outside(self, fn):
        return {"fn": fn, "p": self.below(4), "peer": self.peer_for(fn)}

    def peer_for(self, fn):
        wanted = self.functions[fn]["peer"]
        if wanted is None:
            return None
        return self.pick(k for k, slot in enumerate(self.slots) if slot["type"] == wanted)

    def of_type(self, name):
        return [number for number, function in enumerate(self.functions) if function["type"] == name]

    # the driver

    def script(self):
        operations, slot = [], 0
        for _ in range(14 + self.below(20)):
            if self.one_in(3):
                slot = self.below(len(self.slots))
            if self.one_in(2):
                # So that most operations find something that is alive.
                operations.append({"do": "revive", "slot": slot, "start": not self.one_in(3)} | self.new(slot))
            operations.append(self.operation(slot))
        if self.one_in(2):
            operations += [{"do": "close", "slot": k} for k in range(len(self.slots))]
            operations += [{"do": "state", "slot": k} for k in range(len(self.slots))]
        return operations

    def operation(self, slot):
        weights = {"next": 16, "send": 10, "throw": 7, "close": 4, "state": 2, "for": 3, "renew": 1, "move": 1}
        action = self.action(weights, self.slots[slot]["type"]) | {"slot": slot}
        return action | self.new(slot) if action["do"] == "renew" else action

    def new(self, slot):
        """What is put into the slot instead: any generator of its type."""
        return {"call": self.call_from_outside(self.pick(self.of_type(self.slots[slot]["type"])))}

    def action(self, weights, driven):
        """`driven`: the type of the generator that it is done to."""
        do = self.weighted(weights)
        action = {"do": do}
        if do in ("next", "send"):
            action["api"] = self.pick(("step", "raise"))  # g.next(), or fermata::next(g)
        if do == "next" and self.one_in(8):
            action["api"] = "otherwise"  # next(g, default)
        if do == "send":
            action["value"] = None if self.one_in(3) else self.below(10)
        elif do == "throw":
            action["error"] = self.error(self.worth_throwing(driven))
            action["form"] = self.pick(("object", "pointer"))
        elif do == "for":
            action["limit"] = 1 + self.below(4)
        return action

    def worth_throwing(self, driven):
        """Anything, or what a handler waits for in such a generator: most errors would only end it."""
        caught = {}
        for number in self.of_type(driven):
            for statement in trees.statements(self.functions[number]["body"]):
                caught |= {name: 1 for handler in statement.get("handlers", ()) for name in handler["classes"]}
        caught = {name: 1 for name in caught if name in THROWN}
        return caught if caught and not self.one_in(3) else THROWN

    def error(self, weights):
        """An exception: with a text of its own, or thrown as the bare class (text None)."""
        name = self.weighted(weights)
        if name == "StopIteration":
            return {"class": name, "value": None if self.one_in(3) else self.tag()}
        if name == "GeneratorExit":
            return {"class": name, "text": None}  # fermata's carries no text
        return {"class": name, "text": None if self.one_in(3) else f"e{self.tag()}"}

    # bodies

    def body(self, context):
        shape = self.weighted({"plain": 3, "loop": 3, "guarded": 3, "closing": 2})
        if shape == "plain":
            block = self.block(context, 2 + self.below(4))
        elif shape == "loop":
            block = [self.for_(context)] + self.block(context, self.below(3))
            block[0]["body"].insert(0, self.try_(context.but(loop=True)))
        elif shape == "guarded":
            block = [self.try_(context)] + self.block(context, 1 + self.below(3))
        else:
            answer = {"classes": ["GeneratorExit"], "body": [self.return_(context)]}
            block = [{"kind": "try", "body": self.try_body(context), "handlers": [answer], "else": [], "finally": None}]
        if not any(s["kind"] in ("yield", "delegate", "foreach") for s in trees.statements(block)):
            block.insert(0, self.yield_(context))
        if self.one_in(3) and not _ends(block):
            block.append(self.return_(context))
        return block

    def block(self, context, length):
        result = []
        for _ in range(length):
            result.append(self.statement(context))
            if _ends(result):
                break  # what comes after would never run
        return result

    def smaller(self, context):
        return self.block(context, 1 + self.below(3) // 2 if context.depth > 1 else 1 + self.below(2))

    def statement(self, context):
        deep = context.depth >= 3
        weights = {
            "yield": 24, "say": 1, "assign": 2, "drive": 6,
            # At the top they would end the generator before anything has happened.
            "raise": 3 if context.depth else 1, "return": 2 if context.depth else 0,
            "delegate": 12,
            "try": 0 if deep else 16, "if": 0 if deep else 5, "for": 0 if deep else 3, "while": 0 if deep else 2,
            "hold": 0 if deep or self.is_last(context) else 6,
            "foreach": 8 if context.subs and not deep else 0,
            "recurse": 2 if context.depth == 0 else 0,
            "break": 3 if context.loop else 0, "continue": 2 if context.loop else 0,
            "reraise": 6 if context.handler else 0,
        }
        kind = self.weighted(weights)
        return getattr(self, kind + "_")(context)

    def is_last(self, context):
        return context.function == len(self.functions) - 1

    def yield_(self, context):
        return {"kind": "yield", "form": self.pick(("named", "direct")), "value": self.expression(),
                "into": None if self.one_in(4) else self.local()}

    def say_(self, context):
        return {"kind": "say", "value": {"local": self.local()}}

    def assign_(self, context):
        return {"kind": "assign", "into": self.local(), "value": self.expression()}

    def expression(self):
        kind = self.weighted({"const": 6, "local": 3, "plus": 2, "none": 1})
        if kind == "const":
            return {"const": self.tag()}
        if kind == "none":
            return {"const": None}
        if kind == "local":
            return {"local": self.local()}
        return {"plus": [self.local(), self.tag()]}

    def raise_(self, context):
        return {"kind": "raise", "error": self.error(RAISED)}

    def reraise_(self, context):
        return {"kind": "reraise"}

    def return_(self, context):
        return {"kind": "return", "value": None if self.one_in(4) else self.expression()}

    def break_(self, context):
        return {"kind": "break"}

    def continue_(self, context):
        return {"kind": "continue"}

    def test(self):
        return {"is": self.pick(("none", "some", "even", "above")), "local": self.local(), "than": self.below(10)}

    def if_(self, context):
        return {"kind": "if", "test": self.test(), "then": self.smaller(context.but()),
                "else": self.smaller(context.but()) if self.one_in(2) else []}

    def for_(self, context):
        return {"kind": "for", "times": 2 + self.below(2), "into": self.local() if self.one_in(2) else None,
                "body": self.smaller(context.but(loop=True))}

    def while_(self, context):
        return {"kind": "while", "times": 2 + self.below(2), "test": self.test() if self.one_in(2) else None,
                "body": self.smaller(context.but(loop=True))}

    def try_(self, context):
        statement = {"kind": "try", "body": self.try_body(context), "handlers": [], "else": [], "finally": None}
        shape = self.weighted({"except": 5, "finally": 3, "both": 3})
        if shape != "finally":
            for _ in range(1 + self.below(2)):
                statement["handlers"].append(self.handler(context))
            caught = statement["handlers"][-1]["classes"][0]
            if caught in RAISED and not _ends(statement["body"]) and self.one_in(4):
                statement["body"].append({"kind": "raise", "error": self.error({caught: 1})})
            if self.one_in(4):
                statement["else"] = self.smaller(context.but())
        if shape != "except":
            statement["finally"] = self.smaller(context.but(handler=False))
        return statement

    def try_body(self, context):
        """Something that suspends, most of the time: a try around nothing catches nothing."""
        block = self.smaller(context.but())
        if not any(s["kind"] in ("yield", "delegate", "raise") for s in trees.statements(block)):
            block.insert(0, self.yield_(context) if self.one_in(2) else self.delegate_(context))
        return block

    def handler(self, context):
        classes = [self.weighted(CAUGHT)]
        if self.one_in(6):
            classes.append(self.weighted(CAUGHT))
        body = self.smaller(context.but(handler=True))
        if "GeneratorExit" in classes and not _ends(body) and not self.one_in(3):
            body.append(self.return_(context))  # which is what close() then gives
        return {"classes": classes, "body": body}

    # generators inside generators

    def call(self, context):
        """A call of a later function. A peer is passed on (`mine`) where the types allow it, or is a slot."""
        fn = context.function + 1 + self.below(len(self.functions) - context.function - 1)
        return {"fn": fn, "p": self.below(4), "peer": self.peer_argument(context, fn)}

    def peer_argument(self, context, fn):
        wanted = self.functions[fn]["peer"]
        if wanted is not None and self.functions[context.function]["peer"] == wanted and self.one_in(2):
            return "mine"
        return self.peer_for(fn)

    def hold_(self, context):
        name = f"sub{self.tag()}"
        call = self.call(context)
        inside = context.but(subs=context.subs | {name: call["fn"]})
        outer, inner = self.functions[context.function]["type"], self.functions[call["fn"]]["type"]
        body = []
        for _ in range(self.below(4)):
            body.append(self.drive_on(inside, {"sub": name}))
        if self.one_in(2):
            body.append(self.drive_on(inside, {"sub": name}, {"send": 1}))  # half used, and it has seen a value
        if self.one_in(2):
            body += [s for s in self.smaller(inside) if s["kind"] not in ("return", "break", "continue", "raise")]
        if self.one_in(3):
            body.append(self.foreach_(inside))
        if not _ends(body) and model.may_delegate(outer, inner):
            body += self.use(inside, name)
        return {"kind": "hold", "name": name, "call": call, "body": body}

    def use(self, inside, name):
        """How a held generator ends: moved into a delegation, or lent to one and then looked at again."""
        into = self.local()
        if self.one_in(3):
            return [{"kind": "delegate", "source": {"from": "sub", "sub": name, "move": True}, "into": into}]
        lent = [{"kind": "delegate", "source": {"from": "sub", "sub": name, "move": False}, "into": into}]
        return lent + [self.drive_on(inside, {"sub": name}) for _ in range(self.below(3))]

    def foreach_(self, context):
        return {"kind": "foreach", "sub": self.pick(context.subs), "limit": 1 + self.below(4), "into": self.local(),
                "body": self.smaller(context.but(loop=True))}

    def recurse_(self, context):
        return {"kind": "recurse", "into": self.local()}

    def drive_(self, context):
        return self.drive_on(context, self.target(context))

    def target(self, context):
        """A slot (which may be the very generator that runs), the peer, or a local generator."""
        if context.subs and self.one_in(2):
            return {"sub": self.pick(context.subs)}
        if self.functions[context.function]["peer"] is not None and self.one_in(2):
            return {"peer": True}
        own = [k for k, slot in enumerate(self.slots) if slot["call"]["fn"] == context.function]
        if own and self.one_in(4):
            return {"slot": self.pick(own)}
        return {"slot": self.below(len(self.slots))}

    def drive_on(self, context, target, weights=None):
        weights = weights or {"next": 6, "send": 5, "throw": 4, "close": 2, "state": 2}
        # Not caught: the error, a StopIteration too, goes on into the body that drives (PEP 479 when it leaves it).
        caught = not self.one_in(6)
        drive = {"kind": "drive", "target": target, "caught": caught, "into": self.local()}
        return drive | self.action(weights, self.driven(context, target))

    def driven(self, context, target):
        """The type of the generator that is driven."""
        if "sub" in target:
            return self.functions[context.subs[target["sub"]]]["type"]
        return self.slots[target["slot"]]["type"] if "slot" in target else self.functions[context.function]["peer"]

    def delegate_(self, context):
        return {"kind": "delegate", "source": self.source(context), "into": self.local()}

    def source(self, context):
        weights = {"fresh": 0 if self.is_last(context) else 9, "range": 2, "list": 2, "iterator": 1,
                   "slot": 3, "peer": 3 if self.functions[context.function]["peer"] is not None else 0,
                   "sub": 4 if context.subs else 0}
        source = getattr(self, "source_" + self.weighted(weights))(context)
        # Not every type converts into every other: a range always fits.
        scope = model.Scope(subs=context.subs)
        inner = model.delegate_type({"functions": self.functions, "slots": self.slots}, context.function, source, scope)
        if inner is not None and not model.may_delegate(self.functions[context.function]["type"], inner):
            return self.source_range(context)
        return source

    def source_fresh(self, context):
        return {"from": "fresh", "form": self.pick(("direct", "named")), "call": self.call(context)}

    def source_range(self, context):
        start, length, step = self.tag(), self.below(4), 1 + self.below(2)
        return {"from": "range", "range": [start, start + length * step, step], "form": self.pick(("direct", "named"))}

    def source_list(self, context):
        return {"from": "list", "items": [self.tag() for _ in range(self.below(4))],
                "form": self.pick(("borrowed", "moved"))}

    def source_iterator(self, context):
        items = [self.tag() for _ in range(1 + self.below(3))]
        return {"from": "iterator", "items": items, "used": self.below(len(items) + 2)}

    def source_slot(self, context):
        return {"from": "slot", "slot": self.below(len(self.slots))}

    def source_peer(self, context):
        return {"from": "peer"}

    def source_sub(self, context):
        return {"from": "sub", "sub": self.pick(context.subs), "move": False}


def without_dead_functions(program):
    """Without the functions that nothing calls: C++ would be compiled for nothing. The last ones only, so that no
    number changes."""
    called = {call["fn"] for call in model.calls(program)}
    return program | {"functions": program["functions"][:max(called) + 1]}


def _ends(block):
    return bool(block) and block[-1]["kind"] in ("return", "raise", "reraise", "break", "continue")
