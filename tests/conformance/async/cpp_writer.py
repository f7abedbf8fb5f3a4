"""Writes a program out as C++.

What Python's `except` and `finally` do is written by hand, because nothing can be awaited in a catch block: the catch
block only notes what was caught, and the handler stands after it. Everything that is more than a number is named before
it is used next to a co_await (g++ 12 miscompiles many a temporary there).
"""

import json

import model

CATCH = {
    "CancelledError": "const fermata::cancelled_error&", "TimeoutError": "const fermata::timeout_error&",
    "ValueError": "const fermata::value_error&", "RuntimeError": "const fermata::runtime_error&",
    "DemoError": "const demo_error&", "ExceptionGroup": "const fermata::exception_group&",
    "Exception": "const std::exception&", "BaseException": "...",
}


def translation_unit(programs):
    """One file for several programs: a list of pairs of a name (a C++ identifier) and a program."""
    parts = ['#include "support.hpp"\n', "using namespace fuzz;\n"]
    parts += [write(program, name) for name, program in programs]
    parts.append("int main(int argc, char** argv) {\n    const program programs[] = {")
    parts += [f'        {{"{name}", &{name}::make}},' for name, _ in programs]
    parts.append(f"    }};\n    return fuzz::run(programs, {len(programs)}, argc, argv);\n}}\n")
    return "\n".join(parts)


def write(program, name):
    program = model.numbered(program)
    writer = _Writer()
    writer.put(f"namespace {name} {{")
    for number, function in enumerate(program["functions"]):
        writer.function(number, function)
    writer.put("")
    writer.put("void make(configuration& c) {")
    functions = ", ".join(f"&f{number}" for number in range(len(program["functions"])))
    writer.put(f"    c.functions = {{{functions}}};")
    writer.put(f"    c.slots = {{{', '.join(map(str, program['slots']))}}};")
    writer.put(f'    c.queue = "{program["queue"][0]}";')
    writer.put(f"    c.maxsize = {program['queue'][1]};")
    writer.put(f"    c.semaphore = {program['semaphore'][0]};")
    writer.put(f"    c.bounded = {program['semaphore'][1]};")
    writer.put(f"    c.parties = {program['barrier']};")
    writer.put("}")
    writer.put("")
    writer.put(f"}}  // namespace {name}")
    return "\n".join(writer.lines) + "\n"


def literal(argument):
    return json.dumps(argument)


class _Writer:
    def __init__(self):
        self.lines = []
        self.indent = 0
        self.held = []  # the exceptions that a bare raise would raise again

    def put(self, line):
        self.lines.append("    " * self.indent + line if line else "")

    def block(self, statements):
        self.indent += 1
        for statement in statements:
            getattr(self, statement["kind"] + "_")(statement)
        self.indent -= 1

    def function(self, number, function):
        self.put("")
        self.put(f"task<int> f{number}(world& w, int p) {{")
        self.put(f'    w.say("f{number}", "starts", p);')
        self.block(function["body"])
        self.put(f"    co_return {number};")
        self.put("}")

    def op_(self, s):
        arguments = "".join(f", {literal(argument)}" for argument in s["args"])
        waits = "co_await " if s["op"] in model.ASYNC else ""
        self.put(f'{waits}w.{s["op"]}("{s["at"]}", {s["caught"]}{arguments});')

    def try_(self, s):
        number = s["id"]
        self.put("{")
        self.indent += 1
        if s["finally"] is not None:
            self.put(f"std::exception_ptr pending{number};")
            self.put("try {")
            self.indent += 1
        self.try_except(s)
        if s["finally"] is not None:
            self.indent -= 1
            self.put("} catch (...) {")
            self.put(f"    pending{number} = std::current_exception();")
            self.put("}")
            self.put(f'w.say("{s["at"]}", "finally");')
            self.put("{")
            self.block(s["finally"])
            self.put("}")
            self.put(f"if (pending{number}) std::rethrow_exception(pending{number});")
        self.indent -= 1
        self.put("}")

    def try_except(self, s):
        if not s["handlers"]:
            self.put("{")
            self.block(s["body"])
            self.put("}")
            return
        number, seen = s["id"], set()
        self.put(f"int caught{number} = 0;")
        self.put(f"std::exception_ptr held{number};")
        self.put("try {")
        self.block(s["body"])
        for index, handler in enumerate(s["handlers"], 1):
            if handler["class"] in seen or "BaseException" in seen:
                continue  # never reached, and C++ refuses anything after catch (...)
            seen.add(handler["class"])
            self.put(f"}} catch ({CATCH[handler['class']]}) {{")
            self.put(f"    caught{number} = {index};")
            self.put(f"    held{number} = std::current_exception();")
        self.put("}")
        for index, handler in enumerate(s["handlers"], 1):
            self.put(f"if (caught{number} == {index}) {{")
            self.put(f'    w.caught("{s["at"]}", held{number});')
            self.held.append(f"held{number}")
            self.block(handler["body"])
            self.held.pop()
            self.put("}")

    def raise_(self, s):
        self.put(f'w.say("{s["at"]}", "raises");')
        self.put(f'raise("{s["class"]}", "{s["text"]}");')

    def reraise_(self, s):
        self.put(f'w.say("{s["at"]}", "reraises");')
        self.put(f"std::rethrow_exception({self.held[-1]});")

    def split_(self, s):
        self.put(f'w.split("{s["at"]}", {self.held[-1]}, "{s["class"]}");')

    def return_(self, s):
        self.put(f'w.say("{s["at"]}", "returns");')
        self.put(f"co_return {s['value']};")

    def for_(self, s):
        self.put(f"for (int i{s['id']} = 0; i{s['id']} < {s['times']}; ++i{s['id']}) {{")
        self.block(s["body"])
        self.put("}")

    def if_(self, s):
        self.put(f"if (p > {s['above']}) {{")
        self.block(s["body"])
        self.put("}")

    def held_block(self, s, what):
        self.put("{")
        self.put(f"    auto guard{s['id']} = co_await w.{what}.lock();")
        self.put(f'    w.say("{s["at"]}", "has it");')
        self.block(s["body"])
        self.put("}")

    def lock_(self, s):
        self.held_block(s, "gate")

    def semaphore_(self, s):
        self.held_block(s, "limit")

    def condition_(self, s):
        self.held_block(s, "changed")

    def body(self, s):
        self.put(f"auto lambda{s['id']} = [&]() -> task<> {{")
        self.block(s["body"])
        self.put("    co_return;")
        self.put("};")
        self.put(f"const body body{s['id']}(lambda{s['id']});")

    def group_(self, s):
        self.put("{")
        self.indent += 1
        self.body(s)
        self.put(f'co_await w.in_group("{s["at"]}", {s["group"]}, {literal(s["fresh"])}, body{s["id"]});')
        self.indent -= 1
        self.put("}")

    def timeout_(self, s):
        self.put("{")
        self.indent += 1
        self.body(s)
        self.put(f'co_await w.in_timeout("{s["at"]}", {s["timeout"]}, {literal(s["fresh"])}, {s["delay"]}, '
                 f'{literal(s["absolute"])}, body{s["id"]});')
        self.indent -= 1
        self.put("}")

    def callback_(self, s):
        where, which = s["on"]
        self.put("{")
        self.indent += 1
        self.put(f"auto call{s['id']} = [&w] {{")
        self.block(s["body"])
        self.put("};")
        self.put(f'w.call_{where}("{s["at"]}", {which}, {s["handle"]}, call{s["id"]});')
        self.indent -= 1
        self.put("}")
