"""A generator program as a tree, before it is written out as Python or as C++.

The tree consists of dicts, lists, strings and numbers only, so that JSON keeps a program and the shrinker can cut any
part of it away. The grower makes random ones; `problems` says why a (shrunk) tree is not a program.

    program    functions · slots · script
    function   type (see TYPES) · peer (the type of the slot that is passed in, or None) · body: statements
    call       fn · p · peer: makes a generator. The peer is a slot's number, or "mine": the caller's own
    slot       type · call         a generator that the driver owns; bodies reach it too, to drive it or themselves
    script     the driver's operations on the slots; some put a new generator in
    statement  kind, and what that kind needs; `at` (put in by `numbered`) names it in the trace: "g0.5"
"""

import copy
import json

import trees

# What `generator<Yield, Send, Return>` a function is in C++. Python has one type for all; the C++ writer has seven, so
# that delegation between different ones is compared too.
TYPES = {
    # name: (yields None?, kind of return)
    "plain": (False, "optional"),     # generator<int, optional<int>, optional<int>>
    "wide": (False, "optional"),      # generator<long, optional<long>, optional<int>>
    "mixed": (False, "optional"),     # generator<int, optional<long>, optional<int>>
    "reference": (False, "optional"), # generator<const int&, optional<int>, optional<int>>
    "counting": (False, "int"),       # generator<int, optional<int>, int>
    "silent": (False, "void"),        # generator<int>
    "optional": (True, "optional"),   # generator<optional<int>, optional<int>, optional<int>>
}

LOCALS = ("a", "b", "c")

MAXIMUM_COST = 3000  # statements executed at the most, loops and delegates included: keeps every program short


# --- walking


def calls(program):
    """Every call that makes a generator."""
    for maker in program["slots"] + program["script"]:
        if "call" in maker:
            yield maker["call"]
    for function in program["functions"]:
        for statement in trees.statements(function["body"]):
            call = statement.get("call") or statement.get("source", {}).get("call")
            if call:
                yield call


def numbered(program):
    """A copy in which every statement and operation carries the name that the trace calls it by."""
    result = copy.deepcopy(program)
    for number, function in enumerate(result["functions"]):
        for index, statement in enumerate(trees.statements(function["body"])):
            statement["at"] = f"g{number}.{index}"
            statement["id"] = str(index)
    for index, operation in enumerate(result["script"]):
        operation["at"] = f"d{index}"
        operation["id"] = str(index)
    return result


def size(program):
    """What the shrinker makes smaller: the text, and types that are not the plain one."""
    return len(json.dumps(program)) + 30 * sum(function["type"] != "plain" for function in program["functions"])


# --- validity


def may_delegate(outer, inner):
    """C++ converts what the inner yields into what the outer yields: an int becomes an optional, never the reverse; and
    there is no int for a `const int&` to refer to where the inner yields longs."""
    if (outer, inner) == ("reference", "wide"):
        return False
    return TYPES[outer][0] or not TYPES[inner][0]


def problems(program):
    """Why this tree is no program (a list of sentences; empty if it is one). The shrinker asks for every candidate."""
    found = []
    functions, slots = program["functions"], program["slots"]
    if not functions or not slots:
        found.append("a program needs a function and a slot")
    for slot in slots:
        found += _slot_problems(program, slot, slot["call"])
    for operation in program["script"]:
        if operation["slot"] >= len(slots):
            found.append("an operation on a slot that there is not")
        elif "call" in operation:
            found += _slot_problems(program, slots[operation["slot"]], operation["call"])
    for number, function in enumerate(functions):
        found += _block_problems(program, number, function["body"], Scope())
    if not found and cost(program) > MAXIMUM_COST:
        found.append("too long")
    return found


def _slot_problems(program, slot, call):
    found = _call_problems(program, call, None)
    if not found and program["functions"][call["fn"]]["type"] != slot["type"]:
        found.append("a slot with a generator of another type")
    return found


class Scope:
    """What the statements around allow: break and continue, a bare raise, the local generators."""

    def __init__(self, loop=False, handler=False, subs=None):
        self.loop, self.handler, self.subs = loop, handler, subs or {}

    def but(self, **changes):
        values = {"loop": self.loop, "handler": self.handler, "subs": self.subs} | changes
        return Scope(**values)


def _block_problems(program, number, block, scope):
    found = []
    for statement in block:
        found += _statement_problems(program, number, statement, scope)
        kind = statement["kind"]
        if kind in ("for", "while", "foreach"):
            found += _block_problems(program, number, statement["body"], scope.but(loop=True))
        elif kind == "hold":
            found += _hold_problems(program, number, statement, scope)
        elif kind == "try":
            found += _try_problems(program, number, statement, scope)
        elif kind == "if":
            found += _block_problems(program, number, statement["then"], scope)
            found += _block_problems(program, number, statement["else"], scope)
    return found


def _try_problems(program, number, statement, scope):
    found = _block_problems(program, number, statement["body"], scope)
    for handler in statement["handlers"]:
        found += _block_problems(program, number, handler["body"], scope.but(handler=True))
    found += _block_problems(program, number, statement["else"], scope)
    if statement["finally"] is not None:
        # A bare raise in a finally block means whichever exception is under way, which C++ cannot express.
        found += _block_problems(program, number, statement["finally"], scope.but(handler=False))
    if not statement["handlers"] and statement["finally"] is None:
        found.append("a try without except and finally")
    if statement["else"] and not statement["handlers"]:
        found.append("an else without except")
    return found


def _hold_problems(program, number, statement, scope):
    body, name = statement["body"], statement["name"]
    inside = scope.but(subs=scope.subs | {name: statement["call"]["fn"]})
    found = _block_problems(program, number, body, inside)
    moves = [s for s in trees.statements(body) if s["kind"] == "delegate" and s["source"].get("sub") == name
             and s["source"]["move"]]
    # Once moved from, the variable is dead in C++: nothing may come after, and no loop may come round again.
    if moves and (len(moves) > 1 or moves[0] is not body[-1]):
        found.append("a moved generator must be the last thing its block does")
    return found


def _statement_problems(program, number, statement, scope):
    kind, functions = statement["kind"], program["functions"]
    if kind in ("break", "continue") and not scope.loop:
        return [f"{kind} outside a loop"]
    if kind == "reraise" and not scope.handler:
        return ["a bare raise outside a handler"]
    if kind == "hold":
        return _call_problems(program, statement["call"], number)
    if kind == "foreach" and statement["sub"] not in scope.subs:
        return ["iterates an unknown generator"]
    if kind == "drive":
        return _target_problems(program, number, statement["target"], scope)
    if kind == "delegate":
        source = statement["source"]
        if source["from"] == "fresh":
            found = _call_problems(program, source["call"], number)
        else:
            found = _target_problems(program, number, source, scope)
        inner = delegate_type(program, number, source, scope) if not found else None
        if inner is not None and not may_delegate(functions[number]["type"], inner):
            found.append("the delegate yields what the outer generator cannot")
        return found
    return []


def _target_problems(program, number, target, scope):
    if "sub" in target and target["sub"] not in scope.subs:
        return ["an unknown local generator"]
    if "slot" in target and target["slot"] >= len(program["slots"]):
        return ["an unknown slot"]
    if target.get("from") == "peer" or "peer" in target:
        if program["functions"][number]["peer"] is None:
            return ["a function without a peer uses one"]
    return []


def delegate_type(program, number, source, scope):
    """The type of the generator that is delegated to; None for ranges and lists."""
    if source["from"] == "fresh":
        return program["functions"][source["call"]["fn"]]["type"]
    if source["from"] == "sub":
        return program["functions"][scope.subs[source["sub"]]]["type"]
    if source["from"] == "slot":
        return program["slots"][source["slot"]]["type"]
    if source["from"] == "peer":
        return program["functions"][number]["peer"]
    return None


def _call_problems(program, call, caller):
    """A call creates a generator: of a later function (so that nothing is infinitely deep), with a fitting peer."""
    functions = program["functions"]
    if call["fn"] >= len(functions):
        return ["a call of an unknown function"]
    if caller is not None and call["fn"] <= caller:
        return ["a call of an earlier function"]
    wanted, given = functions[call["fn"]]["peer"], call["peer"]
    if wanted is None:
        return []
    if given == "mine":
        if caller is None or functions[caller]["peer"] != wanted:
            return ["the peer passed on is of another type"]
    elif given is None or given >= len(program["slots"]) or program["slots"][given]["type"] != wanted:
        return ["the peer passed is of another type"]
    return []


# --- cost


def cost(program):
    """How many statements could be executed at the most, were every branch taken."""
    functions = program["functions"]
    prices = [0] * len(functions)
    for number in reversed(range(len(functions))):
        prices[number] = _block_cost(functions[number]["body"], prices)
        if any(s["kind"] == "recurse" for s in trees.statements(functions[number]["body"])):
            prices[number] *= 5
    return sum(prices[maker["call"]["fn"]] for maker in program["slots"] + program["script"] if "call" in maker)


def _block_cost(block, prices):
    return sum(_statement_cost(statement, prices) for statement in block)


def _statement_cost(statement, prices):
    inside = sum(_block_cost(block, prices) for block in trees.blocks(statement))
    total = 1 + inside * statement.get("times", statement.get("limit", 1))
    if statement["kind"] == "hold":
        total += prices[statement["call"]["fn"]]
    if statement["kind"] == "delegate" and statement["source"]["from"] == "fresh":
        total += prices[statement["source"]["call"]["fn"]]
    return total
