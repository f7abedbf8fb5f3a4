"""Writes a program out as C++.

What Python's `except` and `finally` do is written by hand, because nothing can be yielded in a catch block: the catch
block only notes what was caught, and the handler stands after it. Only simple expressions stand next to a co_yield:
everything is named first (g++ 12 miscompiles many a temporary there).
"""

import model

CATCH = {
    "ValueError": "const fermata::value_error&", "TypeError": "const fermata::type_error&",
    "RuntimeError": "const fermata::runtime_error&", "StopIteration": "const fermata::stop_iteration&",
    "GeneratorExit": "const fermata::generator_exit&", "DemoError": "const demo_error&",
    "NarrowError": "const narrow_error&", "DemoExit": "const demo_exit&", "Exception": "const std::exception&",
    "BaseException": "...",
}
CONSTRUCT = {
    "ValueError": "fermata::value_error", "TypeError": "fermata::type_error",
    "RuntimeError": "fermata::runtime_error", "StopIteration": "fermata::stop_iteration",
    "GeneratorExit": "fermata::generator_exit", "DemoError": "demo_error", "NarrowError": "narrow_error",
    "DemoExit": "demo_exit",
}
YIELDED = {"wide": "long", "optional": "value"}  # what the others yield is an int

BREAK, CONTINUE, RETURN = 1, 2, 3  # how a try block was left, where a finally block has to run first


def translation_unit(programs):
    """One file for several programs: a list of pairs of a name (a C++ identifier) and a program."""
    parts = ['#include "support.hpp"\n', "using namespace fuzz;\n"]
    parts += [write(program, name) for name, program in programs]
    parts.append("int main(int argc, char** argv) {\n    const program programs[] = {")
    parts += [f'        {{"{name}", &{name}::run}},' for name, _ in programs]
    parts.append("    };\n    return fuzz::run(programs, argc, argv);\n}\n")
    return "\n".join(parts)


def write(program, name):
    program = model.numbered(program)
    writer = _Writer(program)
    writer.put(f"namespace {name} {{")
    writer.put("")
    for number, function in enumerate(program["functions"]):
        writer.put(writer.signature(number, function) + ";")
    for number, slot in enumerate(program["slots"]):
        writer.put(f"slot<{slot['type']}> s{number};")
    for number, function in enumerate(program["functions"]):
        writer.function(number, function)
    writer.driver()
    writer.put("")
    writer.put(f"}}  // namespace {name}")
    return "\n".join(writer.lines) + "\n"


def test(test):
    return f"is_{test['is']}({test['local']}, {test['than']})"


def expression(tree):
    if "const" in tree:
        return "value()" if tree["const"] is None else f"value({tree['const']})"
    if "local" in tree:
        return tree["local"]
    return f"plus({tree['plus'][0]}, {tree['plus'][1]})"


def construct(error):
    if error["class"] == "StopIteration":
        return f"fermata::stop_iteration({'' if error['value'] is None else error['value']})"
    text = "" if error["text"] is None else f'"{error["text"]}"'
    return f"{CONSTRUCT[error['class']]}({text})"


def described(error):
    which = CONSTRUCT[error["class"]].removeprefix("fermata::")
    if error["class"] == "StopIteration":
        carried = "" if error["value"] is None else f', "", {error["value"]}'
        return f"{{error_class::{which}{carried}}}"
    return f"{{error_class::{which}" + (f', "{error["text"]}"}}' if error["text"] is not None else "}")


class _Loop:
    """Around a statement: break and continue are C++'s own."""


class _Finally:
    """Around a statement: whatever leaves has to go through the finally block first."""

    def __init__(self, number):
        self.number, self.ways = number, set()


class _Writer:
    def __init__(self, program):
        self.program = program
        self.lines = []
        self.indent = 0
        self.around = []  # the _Loops and _Finallys around the statement being written
        self.held = []    # the exceptions that a bare raise would raise again
        self.subs = {}

    def put(self, line):
        self.lines.append("    " * self.indent + line if line else "")

    def say(self, s, what, value=None):
        self.put(f'say("{s["at"]}", "{what}"' + (f", {value});" if value is not None else ");"))

    def block(self, statements):
        self.indent += 1
        for statement in statements:
            getattr(self, statement["kind"] + "_")(statement)
        self.indent -= 1

    # functions

    def type_of(self, fn):
        return self.program["functions"][fn]["type"]

    def signature(self, number, function):
        peer = function["peer"]
        parameter = f", slot<{peer}>& peer" if peer is not None else ""
        return f"{function['type']} g{number}(int p{parameter})"

    def function(self, number, function):
        self.current, self.number = function, number
        self.returns = model.TYPES[function["type"]][1]
        self.put("")
        self.put(self.signature(number, function) + " {")
        self.indent += 1
        self.put("local alive;")
        self.put("value a = p, b, c;")
        self.put(f'say("g{number}", "starts", p);')
        self.indent -= 1
        self.block(function["body"])
        self.indent += 1
        self.put({"int": "co_return -1;", "void": "co_return;", "optional": "co_return std::nullopt;"}[self.returns])
        self.indent -= 1
        self.put("}")

    def call(self, call):
        arguments = [str(call["p"])]
        if self.program["functions"][call["fn"]]["peer"] is not None:
            arguments.append("peer" if call["peer"] == "mine" else f"s{call['peer']}")
        return f"g{call['fn']}({', '.join(arguments)})"

    # simple statements

    def say_(self, s):
        self.say(s, "says", expression(s["value"]))

    def assign_(self, s):
        self.put(f"{s['into']} = {expression(s['value'])};")

    def yield_(self, s):
        number, kind, value = s["id"], self.current["type"], expression(s["value"])
        value = value if kind == "optional" else f"num({value})"
        self.put("{")
        self.indent += 1
        # A number as it stands is an rvalue, which the generator gives away; a variable stays its own.
        yielded = f"v{number}"
        if s["form"] == "direct" and s["value"].get("const") is not None:
            yielded = str(s["value"]["const"])
        else:
            self.put(f"{YIELDED.get(kind, 'int')} v{number} = {value};")
        if s["into"] is None or kind == "silent":
            self.put(f"co_yield {yielded};")
            self.say(s, "resumed")
        else:
            self.put(f"auto r{number} = co_yield {yielded};")
            self.put(f"{s['into']} = number(r{number});")
            self.say(s, "got", s["into"])
        self.indent -= 1
        self.put("}")

    def raise_(self, s):
        self.say(s, "raises")
        self.put(f"throw {construct(s['error'])};")

    def reraise_(self, s):
        self.say(s, "reraises")
        self.put(f"std::rethrow_exception({self.held[-1]});")

    def return_(self, s):
        self.say(s, "returns")
        value = "value()" if s["value"] is None else expression(s["value"])
        self.leave(RETURN, value)

    def break_(self, s):
        self.leave(BREAK)

    def continue_(self, s):
        self.leave(CONTINUE)

    def leave(self, way, value=None):
        """break, continue or return: through the nearest finally block, where one stands in between."""
        for around in reversed(self.around):
            if isinstance(around, _Finally):
                around.ways.add(way)
                if way == RETURN:
                    self.put(f"result{around.number} = {value};")
                self.put(f"leave{around.number} = {way};")
                self.put(f"goto finally{around.number};")
                return
            if way != RETURN:
                break  # a loop of C++'s own
        if way == RETURN and self.returns == "void":
            self.put("co_return;")
        elif way == RETURN:
            returned = f"num({value})" if self.returns == "int" else value
            self.put(f"{{ {'int' if self.returns == 'int' else 'value'} v = {returned}; co_return v; }}")
        else:
            self.put("break;" if way == BREAK else "continue;")

    # compound statements

    def if_(self, s):
        self.put(f"if ({test(s['test'])}) {{")
        self.block(s["then"])
        if s["else"]:
            self.put("} else {")
            self.block(s["else"])
        self.put("}")

    def loop_body(self, s):
        self.around.append(_Loop())
        self.block(s["body"])
        self.around.pop()

    def for_(self, s):
        index = f"i{s['id']}"
        self.put(f"for (int {index} : fermata::range({s['times']})) {{")
        if s["into"] is not None:
            self.put(f"    {s['into']} = {index};")
        self.loop_body(s)
        self.put("}")

    def while_(self, s):
        left = f"n{s['id']}"
        self.put("{")
        self.indent += 1
        self.put(f"int {left} = {s['times']};")
        self.put(f"while ({left} > 0" + (f" && {test(s['test'])}" if s["test"] else "") + ") {")
        self.put(f"    --{left};")
        self.loop_body(s)
        self.put("}")
        self.indent -= 1
        self.put("}")

    def try_(self, s):
        if s["finally"] is None:
            self.put("{")
            self.indent += 1
            self.try_except(s)
            self.indent -= 1
            self.put("}")
        else:
            self.try_finally(s)

    def try_finally(self, s):
        number = s["id"]
        frame = _Finally(number)
        self.put("{")
        self.indent += 1
        self.put(f"int leave{number} = 0;")
        self.put(f"value result{number};")
        self.put(f"std::exception_ptr pending{number};")
        self.put("try {")
        self.around.append(frame)
        if s["handlers"]:
            self.indent += 1
            self.try_except(s)
            self.indent -= 1
        else:
            self.block(s["body"])
        self.around.pop()
        self.put("} catch (...) {")
        self.put(f"    pending{number} = std::current_exception();")
        self.put("}")
        if frame.ways:
            self.put(f"finally{number}:;")
        self.say(s, "finally")
        self.indent -= 1
        self.block(s["finally"])
        self.indent += 1
        self.put(f"if (pending{number}) std::rethrow_exception(pending{number});")
        for way in sorted(frame.ways):
            self.put(f"if (leave{number} == {way}) {{")
            self.indent += 1
            self.leave(way, f"result{number}")
            self.indent -= 1
            self.put("}")
        self.indent -= 1
        self.put("}")

    def try_except(self, s):
        number = s["id"]
        self.put(f"int caught{number} = 0;")
        self.put(f"std::exception_ptr held{number};")
        self.put("try {")
        self.block(s["body"])
        self.catch_blocks(s)
        self.put("}")
        for index, handler in enumerate(s["handlers"], 1):
            self.put(f"{'} else ' if index > 1 else ''}if (caught{number} == {index}) {{")
            self.indent += 1
            self.say(s, "caught", f"name(held{number})")
            self.indent -= 1
            self.held.append(f"held{number}")
            self.block(handler["body"])
            self.held.pop()
        if s["else"]:
            self.put("} else {")
            self.block(s["else"])
        self.put("}")

    def catch_blocks(self, s):
        number, seen = s["id"], set()
        for index, handler in enumerate(s["handlers"], 1):
            for name in handler["classes"]:
                if name in seen or "BaseException" in seen:
                    continue  # never reached, and C++ refuses anything after catch (...)
                seen.add(name)
                self.put(f"}} catch ({CATCH[name]}) {{")
                self.put(f"    caught{number} = {index};")
                self.put(f"    held{number} = std::current_exception();")

    # generators inside generators

    def hold_(self, s):
        self.put("{")
        self.put(f"    auto {s['name']} = {self.call(s['call'])};")
        self.subs[s["name"]] = s["call"]["fn"]
        self.block(s["body"])
        self.put("}")

    def foreach_(self, s):
        count, item = f"n{s['id']}", f"v{s['id']}"
        self.put("{")
        self.indent += 1
        self.put(f"int {count} = {s['limit']};")
        self.put(f"for (auto&& {item} : {s['sub']}) {{")
        self.indent += 1
        self.put(f"if ({count} == 0) break;")
        self.put(f"--{count};")
        self.put(f"{s['into']} = number({item});")
        self.say(s, "item", s["into"])
        self.indent -= 1
        self.loop_body(s)
        self.put("}")
        self.indent -= 1
        self.put("}")

    def recurse_(self, s):
        peer = ", peer" if self.current["peer"] is not None else ""
        self.put("if (p > 0) {")
        self.indent += 1
        self.say(s, "recurses")
        self.delegate_to(s, f"g{self.number}(p - 1{peer})", self.returns)
        self.say(s, "result", s["into"])
        self.indent -= 1
        self.put("}")

    def delegate_to(self, s, target, returns):
        """The expression itself. Its value is that of the delegate: nothing for a range, or where Return is void."""
        if returns == "void":
            self.put(f"co_yield fermata::from({target});")
            self.put(f"{s['into']} = std::nullopt;")
        else:
            self.put(f"auto r{s['id']} = co_yield fermata::from({target});")
            self.put(f"{s['into']} = number(r{s['id']});")

    def delegate_(self, s):
        self.say(s, "delegates")
        self.put("{")
        self.indent += 1
        getattr(self, "delegate_to_" + s["source"]["from"])(s, s["source"])
        self.indent -= 1
        self.put("}")

    def delegate_to_fresh(self, s, source):
        target, returns = self.call(source["call"]), model.TYPES[self.type_of(source["call"]["fn"])][1]
        if source["form"] == "named":
            self.put(f"auto d{s['id']} = {target};")
            target = f"std::move(d{s['id']})"
        self.delegate_to(s, target, returns)
        self.say(s, "result", s["into"])

    def delegate_to_sub(self, s, source):
        name = source["sub"]
        target = f"std::move({name})" if source["move"] else name
        self.delegate_to(s, target, model.TYPES[self.type_of(self.subs[name])][1])
        self.say(s, "result", s["into"])

    def delegate_to_range(self, s, source):
        target = "fermata::range({}, {}, {})".format(*source["range"])
        if source["form"] == "named":
            self.put(f"auto d{s['id']} = {target};")
            target = f"d{s['id']}"
        self.delegate_to(s, target, "void")
        self.say(s, "result", s["into"])

    def delegate_to_list(self, s, source):
        name = self.named_list(s, source)
        self.delegate_to(s, f"std::move({name})" if source["form"] == "moved" else name, "void")
        self.say(s, "result", s["into"])

    def delegate_to_iterator(self, s, source):
        iterator = f"it{s['id']}"
        self.put(f"auto {iterator} = fermata::iter({self.named_list(s, source)});")
        for _ in range(source["used"]):
            self.say(s, "uses", f"number(fermata::next({iterator}))")
        self.delegate_to(s, iterator, "void")
        self.say(s, "result", s["into"])

    def named_list(self, s, source):
        name = f"items{s['id']}"
        kind = {"optional": "value", "wide": "long"}.get(self.current["type"], "int")
        self.put(f"std::vector<{kind}> {name};")
        for item in source["items"]:
            self.put(f"{name}.push_back({item});")
        return name

    def delegate_to_slot(self, s, source):
        self.delegate_to_lent(s, f"s{source['slot']}", self.program["slots"][source["slot"]]["type"])

    def delegate_to_peer(self, s, source):
        self.delegate_to_lent(s, "peer", self.current["peer"])

    def delegate_to_lent(self, s, slot, type_name):
        self.put(f"if ({slot}.blocked()) {{")
        self.put(f'    say("{s["at"]}", "skipped");')
        self.put("} else {")
        self.put(f"    ++{slot}.lent;")
        self.put("    try {")
        self.indent += 2
        self.put(f"borrowing borrowed{s['id']}({slot}.borrowers);")
        self.delegate_to(s, f"*{slot}.generator", model.TYPES[type_name][1])
        self.indent -= 2
        # Not a destructor: Python does not come here either when a suspended generator is dropped.
        self.put("    } catch (...) {")
        self.put(f"        --{slot}.lent;")
        self.put("        throw;")
        self.put("    }")
        self.put(f"    --{slot}.lent;")
        self.put(f'    say("{s["at"]}", "result", {s["into"]});')
        self.put("}")

    def drive_(self, s):
        target = s["target"]
        written = target.get("sub") or ("peer" if "peer" in target else f"s{target['slot']}")
        call = f'drive("{s["at"]}", {written}, {self.action(s)}, {"true" if s["caught"] else "false"});'
        self.put(call if s["do"] == "state" else f"{s['into']} = {call}")

    # the driver

    def action(self, s):
        do = s["do"]
        if do == "next":
            return f"next(way::{s['api']})"
        if do == "send":
            return f"send({'value()' if s['value'] is None else s['value']}, way::{s['api']})"
        if do == "throw":
            return f"throw_{s['form']}({described(s['error'])})"
        return f"loop({s['limit']})" if do == "for" else f"{do}()"

    def driver(self):
        self.put("")
        self.put("void run() {")
        self.indent += 1
        for number, slot in enumerate(self.program["slots"]):
            self.put(f"s{number}.put({self.call(slot['call'])});")
        for o in self.program["script"]:
            self.operation(o, f"s{o['slot']}")
        self.put(f"finish({', '.join(f's{number}' for number in range(len(self.program['slots'])))});")
        self.indent -= 1
        self.put("}")

    def operation(self, o, name):
        if o["do"] == "renew":
            self.put(f'renew("{o["at"]}", {name}, {self.call(o["call"])});')
        elif o["do"] == "revive":
            self.put(f'revive("{o["at"]}", {name}, {self.call(o["call"])}, {"true" if o["start"] else "false"});')
        elif o["do"] == "move":
            self.put(f'fuzz::move("{o["at"]}", {name});')
        else:
            self.put(f'drive("{o["at"]}", {name}, {self.action(o)}, true);')
