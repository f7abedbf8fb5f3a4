"""What the programs exercise: the features and outcomes that common/counting.py counts."""

import model
import trees

# Statements that print nothing of their own: whether they were reached cannot be told from the trace.
SILENT = {"assign", "break", "continue", "if", "for", "while", "hold"}

# What is to be seen in the traces, beyond single statements.
OUTCOMES = {
    "sent a value before the start": r"can't send non-None value",
    "re-entry refused": r"already executing",
    "re-entry caught by the body": r"^g\S+ (raises|caught) ValueError: generator already executing",
    "exit ignored": r"generator ignored GeneratorExit",
    "exit ignored by a delegate": r"^g\S+ caught RuntimeError: generator ignored",
    "StopIteration out of a body (PEP 479)": r"generator raised StopIteration",
    "PEP 479 with a value": r"from StopIteration\(\d",
    "close gives a value": r"closes -?\d",
    "a return value": r"stops -?\d",
    "delegate's result is a value": r"result -?\d",
    "delegate's result is None": r"result None",
    "value sent into a range": r"no send$",
    "same exception object comes back": r"\(the same\)",
    "running seen from inside": r"is running",
    "suspended": r"is suspended",
    "exit caught by a body": r"caught GeneratorExit",
    "an int for a missing result": r"no result$",
    "skipped (delegated to by another)": r"skipped$",
}


def features(program):
    """Pairs of a feature and the place where the program has it."""
    for number, function in enumerate(program["functions"]):
        yield f"type {function['type']}", f"g{number}"
        if function["peer"] is not None:
            yield "function with a peer", f"g{number}"
        for statement in trees.statements(function["body"]):
            yield from _statement_features(statement)
    for operation in program["script"]:
        yield f"driver: {_operation(operation)}", operation["at"]


def _statement_features(statement):
    kind, at = statement["kind"], statement["at"]
    if kind == "delegate":
        source = statement["source"]
        how = source.get("form") or ("moved" if source.get("move") else "")
        yield f"yield from {source['from']} {how}".strip(), at
        if source.get("used"):
            yield "yield from a half used iterator", at
    elif kind == "drive":
        target = next(iter(statement["target"]))
        yield f"body drives {target}: {_operation(statement)}", at
        if not statement["caught"]:
            yield "body drives, errors not caught", at
    elif kind == "try":
        shape = ["except"] * bool(statement["handlers"]) + ["else"] * bool(statement["else"])
        yield "try " + "-".join(shape + ["finally"] * (statement["finally"] is not None)), at
        for name in {name for handler in statement["handlers"] for name in handler["classes"]}:
            yield f"except {name}", at
    elif kind == "raise":
        yield f"raise {statement['error']['class']}", at
    elif kind == "yield":
        yield f"yield {statement['form']}", at
    else:
        yield kind, at


def _operation(operation):
    do = operation["do"]
    if do == "throw":
        return f"throw {operation['error']['class']}"
    if do == "send":
        return "send None" if operation["value"] is None else "send int"
    return f"next, by {operation['api']}" if do == "next" else do
