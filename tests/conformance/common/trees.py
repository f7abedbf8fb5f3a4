"""Programs as trees: functions of blocks of statements, which contain blocks. A statement that does has them under these
keys, or in its handlers."""

import hashlib
import json

KEYS = ("body", "then", "else", "finally")


def blocks(statement):
    """The lists of statements directly inside this one."""
    for key in KEYS:
        if isinstance(statement.get(key), list):
            yield statement[key]
    for handler in statement.get("handlers", ()):
        yield handler["body"]


def statements(block):
    """Every statement of a block, in reading order, the nested ones included."""
    for statement in block:
        yield statement
        for inner in blocks(statement):
            yield from statements(inner)


def digest(program):
    """Identifies a program in recorded traces: a trace of another program must not be taken for its own."""
    text = json.dumps(program, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


# --- with something left out


def fewer_statements(program):
    """Each statement gone, or replaced by one of the blocks inside it."""
    for path, block in _blocks_of(program):
        for index, statement in enumerate(block):
            yield _replaced(program, path, block[:index] + block[index + 1:])
            for inner in blocks(statement):
                if inner:
                    yield _replaced(program, path, block[:index] + inner + block[index + 1:])


def changed_statements(program, changes):
    """Each statement replaced by each of `changes(statement)`."""
    for path, block in _blocks_of(program):
        for index, statement in enumerate(block):
            for changed in changes(statement):
                yield _replaced(program, path, block[:index] + [changed] + block[index + 1:])


def shorter_blocks(program):
    """Each block without a half of it, a quarter …"""
    for path, block in _blocks_of(program):
        chunk = len(block) // 2
        while chunk >= 2:
            for start in range(0, len(block), chunk):
                yield _replaced(program, path, block[:start] + block[start + chunk:])
            chunk //= 2


def without_handlers(statement):
    """The statement without one of its handlers."""
    handlers = statement.get("handlers", ())
    for index in range(len(handlers)):
        yield statement | {"handlers": handlers[:index] + handlers[index + 1:]}


def _blocks_of(program):
    """Every list of statements with the way to it from the root."""
    for number, function in enumerate(program["functions"]):
        yield from _blocks_below(("functions", number, "body"), function["body"])


def _blocks_below(path, block):
    yield path, block
    for index, statement in enumerate(block):
        for key in KEYS:
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
