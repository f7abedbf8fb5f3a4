"""What could be left out of a program that differs, or made simpler in it."""

import copy

import model
import trees


def candidates(program):
    """What could be left out or made simpler, the big parts first."""
    yield from _shorter_scripts(program)
    yield from _without_slots(program)
    yield from _without_functions(program)
    yield from _with_plain_types(program)
    yield from _simpler_functions(program)
    yield from trees.fewer_statements(program)
    yield from trees.changed_statements(program, _simpler)


def _shorter_scripts(program):
    script = program["script"]
    length = len(script)
    chunk = length // 2
    while chunk >= 1:
        for start in range(0, length, chunk):
            yield program | {"script": script[:start] + script[start + chunk:]}
        chunk //= 2
    for index, operation in enumerate(script):
        if operation["do"] == "revive":
            renewal = {key: operation[key] for key in ("slot", "call")} | {"do": "renew"}
            yield program | {"script": script[:index] + [renewal] + script[index + 1:]}


def _without_slots(program):
    for gone in range(len(program["slots"])):
        result = copy.deepcopy(program)
        del result["slots"][gone]
        result["script"] = [o for o in result["script"] if o["slot"] != gone]
        _renumber_slots(result, gone)
        yield result


def _renumber_slots(program, gone):
    """Slots are called by their numbers: in operations, as targets, and as the peers in calls."""
    for operation in program["script"]:
        _lower(operation, "slot", gone)
    for call in model.calls(program):
        _lower(call, "peer", gone)
    for function in program["functions"]:
        for statement in trees.statements(function["body"]):
            _lower(statement.get("target", {}), "slot", gone)
            _lower(statement.get("source", {}), "slot", gone)


def _lower(node, key, gone):
    if isinstance(node.get(key), int):  # and not None, nor the peer "mine"
        if node[key] == gone:
            node[key] = 0
        elif node[key] > gone:
            node[key] -= 1


def _without_functions(program):
    for gone in range(len(program["functions"])):
        result = copy.deepcopy(program)
        del result["functions"][gone]
        if any(slot["call"]["fn"] == gone for slot in result["slots"]):
            continue
        result["script"] = [o for o in result["script"] if o.get("call", {}).get("fn") != gone]
        for function in result["functions"]:
            function["body"] = _without_calls(function["body"], gone)
        for call in model.calls(result):
            _lower(call, "fn", gone)
        yield result


def _without_calls(block, gone):
    kept = []
    for statement in block:
        call = statement.get("call") or statement.get("source", {}).get("call") or {}
        if call.get("fn") == gone:
            continue
        for key in trees.KEYS:
            if isinstance(statement.get(key), list):
                statement[key] = _without_calls(statement[key], gone)
        for handler in statement.get("handlers", ()):
            handler["body"] = _without_calls(handler["body"], gone)
        kept.append(statement)
    return kept


def _with_plain_types(program):
    """Each type made the plain one, wherever it is named."""
    plain = lambda node, key, name: node | {key: "plain"} if node[key] == name else node
    for name in sorted({function["type"] for function in program["functions"]} - {"plain"}):
        functions = [plain(plain(function, "type", name), "peer", name) for function in program["functions"]]
        yield program | {"functions": functions, "slots": [plain(slot, "type", name) for slot in program["slots"]]}


def _simpler_functions(program):
    for number, function in enumerate(program["functions"]):
        if function["peer"] is not None:
            yield _with_function(program, number, function | {"peer": None})
        if function["body"]:
            yield _with_function(program, number, function | {"body": []})


def _with_function(program, number, function):
    functions = list(program["functions"])
    functions[number] = function
    return program | {"functions": functions}


def _simpler(statement):
    yield from trees.without_handlers(statement)
    if statement["kind"] == "try":
        if statement["finally"] is not None:
            yield statement | {"finally": None}
        if statement["else"]:
            yield statement | {"else": []}
        for index, handler in enumerate(statement["handlers"]):
            if len(handler["classes"]) > 1:
                handlers = list(statement["handlers"])
                handlers[index] = handler | {"classes": handler["classes"][:1]}
                yield statement | {"handlers": handlers}
    if statement["kind"] == "if" and statement["else"]:
        yield statement | {"else": []}
    if "test" in statement and statement["kind"] == "while" and statement["test"]:
        yield statement | {"test": None}
    if statement["kind"] == "for" and statement["into"] is not None:
        yield statement | {"into": None}
    value = statement.get("value")
    if isinstance(value, dict) and "const" not in value:
        yield statement | {"value": {"const": 1}}
