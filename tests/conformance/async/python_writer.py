"""Writes a program out as Python."""

import json

import model


def write(program):
    program = model.numbered(program)
    writer = _Writer()
    for number, function in enumerate(program["functions"]):
        writer.function(number, function)
    configuration = {key: program[key] for key in ("slots", "queue", "semaphore", "barrier")}
    functions = ", ".join(f"f{number}" for number in range(len(program["functions"])))
    writer.put("")
    writer.put("")
    writer.put(f"world = World([{functions}], {json.dumps(configuration)})")
    return "\n".join(writer.lines) + "\n"


class _Writer:
    def __init__(self):
        self.lines = ["from support import *"]
        self.indent = 0
        self.held = []  # the names of the exceptions that a bare raise would raise again

    def put(self, line):
        self.lines.append("    " * self.indent + line if line else "")

    def block(self, statements):
        self.indent += 1
        for statement in statements:
            getattr(self, statement["kind"] + "_")(statement)
        if not statements:
            self.put("pass")
        self.indent -= 1

    def function(self, number, function):
        self.put("")
        self.put("")
        self.put(f"async def f{number}(w, p):")
        self.put(f'    w.say("f{number}", "starts", p)')
        self.block(function["body"])
        self.put(f"    return {number}")

    def op_(self, s):
        arguments = "".join(f", {json.dumps(argument)}" for argument in s["args"])
        waits = "await " if s["op"] in model.ASYNC else ""
        self.put(f'{waits}w.{s["op"]}("{s["at"]}", {s["caught"]}{arguments})')

    def try_(self, s):
        self.put("try:")
        self.block(s["body"])
        for handler in s["handlers"]:
            self.put(f"except {handler['class']} as error:")
            self.held.append(f"held{s['id']}")
            self.put(f"    held{s['id']} = error")
            self.put(f'    w.caught("{s["at"]}", error)')
            self.block(handler["body"])
            self.held.pop()
        if s["finally"] is not None:
            self.put("finally:")
            self.put(f'    w.say("{s["at"]}", "finally")')
            self.block(s["finally"])

    def raise_(self, s):
        self.put(f'w.say("{s["at"]}", "raises")')
        text = "" if s["class"] in ("CancelledError", "StopIteration") else f'"{s["text"]}"'
        self.put(f"raise {s['class']}({text})")

    def reraise_(self, s):
        self.put(f'w.say("{s["at"]}", "reraises")')
        self.put(f"raise {self.held[-1]}")

    def split_(self, s):
        self.put(f'w.split("{s["at"]}", {self.held[-1]}, {s["class"]})')

    def return_(self, s):
        self.put(f'w.say("{s["at"]}", "returns")')
        self.put(f"return {s['value']}")

    def for_(self, s):
        self.put(f"for i{s['id']} in range({s['times']}):")
        self.block(s["body"])

    def if_(self, s):
        self.put(f"if p > {s['above']}:")
        self.block(s["body"])

    def held_block(self, s, what):
        self.put(f"async with w.{what}:")
        self.put(f'    w.say("{s["at"]}", "has it")')
        self.block(s["body"])

    def lock_(self, s):
        self.held_block(s, "lock")

    def semaphore_(self, s):
        self.held_block(s, "limit")

    def condition_(self, s):
        self.held_block(s, "condition")

    def body(self, s, word):
        self.put(f"{word}def body{s['id']}():")
        self.block(s["body"])

    def group_(self, s):
        self.body(s, "async ")
        self.put(f'await w.in_group("{s["at"]}", {s["group"]}, {s["fresh"]}, body{s["id"]})')

    def timeout_(self, s):
        self.body(s, "async ")
        self.put(f'await w.in_timeout("{s["at"]}", {s["timeout"]}, {s["fresh"]}, {s["delay"]}, {s["absolute"]}, '
                 f'body{s["id"]})')

    def callback_(self, s):
        self.body(s, "")
        where, which = s["on"]
        self.put(f'w.call_{where}("{s["at"]}", {which}, {s["handle"]}, body{s["id"]})')
