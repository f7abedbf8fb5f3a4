"""What could be left out of a program that differs, or made simpler in it."""

import copy

import model


def candidates(program):
    """What could be left out or made simpler, the big parts first."""
    yield from _shorter_scripts(program)
    yield from _without_slots(program)
    yield from _without_functions(program)
    yield from _with_plain_types(program)
    yield from _simpler_functions(program)
    yield from _fewer_statements(program)
    yield from _simpler_statements(program)


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
        for statement in model.statements(function["body"]):
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
        for key in ("body", "then", "else", "finally"):
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


def _fewer_statements(program):
    """Each statement gone, or replaced by one of the blocks inside it."""
    for path, block in _blocks(program):
        for index, statement in enumerate(block):
            yield _replaced(program, path, block[:index] + block[index + 1:])
            for inner in model.blocks(statement):
                if inner:
                    yield _replaced(program, path, block[:index] + inner + block[index + 1:])


def _simpler_statements(program):
    for path, block in _blocks(program):
        for index, statement in enumerate(block):
            for simpler in _simpler(statement):
                yield _replaced(program, path, block[:index] + [simpler] + block[index + 1:])


def _simpler(statement):
    for index in range(len(statement.get("handlers", ()))):
        yield statement | {"handlers": statement["handlers"][:index] + statement["handlers"][index + 1:]}
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


def _blocks(program):
    """Every list of statements with the way to it from the root."""
    for number, function in enumerate(program["functions"]):
        yield from _blocks_below(("functions", number, "body"), function["body"])


def _blocks_below(path, block):
    yield path, block
    for index, statement in enumerate(block):
        for key in ("body", "then", "else", "finally"):
            if isinstance(statement.get(key), list):
                yield from _blocks_below((*path, index, key), statement[key])
        for number, handler in enumerate(statement.get("handlers", ())):
            yield from _blocks_below((*path, index, "handlers", number, "body"), handler["body"])


def _replaced(node, path, block):
    """A copy of the tree with another block at that place; what is not on the way there is shared."""
    if not path:
        return block
    key, rest = path[0], path[1:]
    if isinstance(node, list):
        return node[:key] + [_replaced(node[key], rest, block)] + node[key + 1:]
    return node | {key: _replaced(node[key], rest, block)}
