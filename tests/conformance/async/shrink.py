"""What could be left out of a program that differs, or made simpler in it."""

import copy

import model


def candidates(program):
    """The big parts first."""
    yield from _emptied_functions(program)
    yield from _without_last_function(program)
    yield from _shorter_blocks(program)
    yield from _fewer_statements(program)
    yield from _simpler_statements(program)


def _emptied_functions(program):
    for number, function in enumerate(program["functions"]):
        if function["body"]:
            yield _replaced(program, ("functions", number, "body"), [])


def _without_last_function(program):
    result = copy.deepcopy(program)
    gone = len(result["functions"]) - 1
    del result["functions"][gone]
    result["slots"] = [min(fn, gone - 1) for fn in result["slots"]]
    yield result
    if len(program["slots"]) > 1:
        yield program | {"slots": program["slots"][:-1]}


def _shorter_blocks(program):
    for path, block in _blocks(program):
        chunk = len(block) // 2
        while chunk >= 2:
            for start in range(0, len(block), chunk):
                yield _replaced(program, path, block[:start] + block[start + chunk:])
            chunk //= 2


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
    handlers = statement.get("handlers", ())
    for index in range(len(handlers)):
        yield statement | {"handlers": handlers[:index] + handlers[index + 1:]}
    if statement.get("finally") is not None:
        yield statement | {"finally": None}
    if statement["kind"] != "op":
        return
    if statement["caught"]:
        yield statement | {"caught": 0}
    for index, (kind, argument) in enumerate(zip(model.OPS[statement["op"]], statement["args"])):
        if kind == "sources":
            parts = argument.split()
            for gone in range(len(parts)):
                yield _with_argument(statement, index, " ".join(parts[:gone] + parts[gone + 1:]))


def _with_argument(statement, index, argument):
    arguments = list(statement["args"])
    arguments[index] = argument
    return statement | {"args": arguments}


def _blocks(program):
    """Every list of statements with the way to it from the root."""
    for number, function in enumerate(program["functions"]):
        yield from _blocks_below(("functions", number, "body"), function["body"])


def _blocks_below(path, block):
    yield path, block
    for index, statement in enumerate(block):
        for key in ("body", "finally"):
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
