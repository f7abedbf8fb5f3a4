"""What could be left out of a program that differs, or made simpler in it."""

import copy

import model
import trees


def candidates(program):
    """The big parts first."""
    yield from _emptied_functions(program)
    yield from _without_last_function(program)
    yield from trees.shorter_blocks(program)
    yield from trees.fewer_statements(program)
    yield from trees.changed_statements(program, _simpler)


def _emptied_functions(program):
    functions = program["functions"]
    for number, function in enumerate(functions):
        if function["body"]:
            yield program | {"functions": functions[:number] + [function | {"body": []}] + functions[number + 1:]}


def _without_last_function(program):
    result = copy.deepcopy(program)
    gone = len(result["functions"]) - 1
    del result["functions"][gone]
    result["slots"] = [min(fn, gone - 1) for fn in result["slots"]]
    yield result
    if len(program["slots"]) > 1:
        yield program | {"slots": program["slots"][:-1]}


def _simpler(statement):
    yield from trees.without_handlers(statement)
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
