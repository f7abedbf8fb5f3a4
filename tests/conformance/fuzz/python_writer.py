"""Writes a program out as Python."""

import model


def write(program):
    program = model.numbered(program)
    writer = _Writer(program)
    for number, function in enumerate(program["functions"]):
        writer.function(number, function)
    writer.driver()
    return "\n".join(writer.lines) + "\n"


def test(test):
    return f"is_{test['is']}({test['local']}, {test['than']})"


def expression(tree):
    if "const" in tree:
        return str(tree["const"])
    if "local" in tree:
        return tree["local"]
    return f"plus({tree['plus'][0]}, {tree['plus'][1]})"


def error(tree):
    if tree["class"] == "StopIteration":
        return "StopIteration" if tree["value"] is None else f"StopIteration({tree['value']})"
    return tree["class"] if tree["text"] is None else f'{tree["class"]}("{tree["text"]}")'


def _instance(tree):
    written = error(tree)
    return written if written.endswith(")") else written + "()"


class _Writer:
    def __init__(self, program):
        self.program = program
        self.lines = ["from support import *", ""]
        for number in range(len(program["slots"])):
            self.lines.append(f's{number} = Slot("s{number}")')
        self.indent = 0
        self.current = None  # the function being written
        self.subs = {}       # the local generators in scope, by name, with the number of their function

    def put(self, line):
        self.lines.append("    " * self.indent + line)

    def block(self, statements):
        self.indent += 1
        for statement in statements:
            getattr(self, statement["kind"] + "_")(statement)
        if not statements:
            self.put("pass")
        self.indent -= 1

    # functions

    def type_of(self, fn):
        return self.program["functions"][fn]["type"]

    def function(self, number, function):
        self.current, self.yields_none = function, model.TYPES[function["type"]][0]
        self.number, self.returns = number, model.TYPES[function["type"]][1]
        self.lines += ["", ""]
        self.put(f"def g{number}(p{', peer' if function['peer'] is not None else ''}):")
        self.indent += 1
        self.put("a, b, c = p, None, None")
        self.put(f'say("g{number}", "starts", p)')
        self.indent -= 1
        self.block(function["body"])
        self.indent += 1
        self.put("return -1" if self.returns == "int" else "return")
        self.put("yield  # so that this is a generator in any case")
        self.indent -= 1

    def call(self, call):
        peer = call["peer"]
        arguments = [str(call["p"])]
        if self.program["functions"][call["fn"]]["peer"] is not None:
            arguments.append("peer" if peer == "mine" else f"s{peer}")
        return f"g{call['fn']}({', '.join(arguments)})"

    # simple statements

    def say_(self, s):
        self.put(f'say("{s["at"]}", "says", {expression(s["value"])})')

    def assign_(self, s):
        self.put(f'{s["into"]} = {expression(s["value"])}')

    def yield_(self, s):
        value = expression(s["value"])
        value = value if self.yields_none else f"num({value})"
        if s["into"] is None or self.current["type"] == "silent":
            self.put(f"yield {value}")
            self.put(f'say("{s["at"]}", "resumed")')
        else:
            self.put(f'{s["into"]} = yield {value}')
            self.put(f'say("{s["at"]}", "got", {s["into"]})')

    def raise_(self, s):
        self.put(f'say("{s["at"]}", "raises")')
        self.put(f"raise {error(s['error'])}")

    def reraise_(self, s):
        self.put(f'say("{s["at"]}", "reraises")')
        self.put("raise")

    def return_(self, s):
        self.put(f'say("{s["at"]}", "returns")')
        if self.returns == "void":
            self.put("return")
        elif s["value"] is None:
            self.put("return -1" if self.returns == "int" else "return")
        else:
            value = expression(s["value"])
            self.put(f"return num({value})" if self.returns == "int" else f"return {value}")

    def break_(self, s):
        self.put("break")

    def continue_(self, s):
        self.put("continue")

    # compound statements

    def if_(self, s):
        self.put(f"if {test(s['test'])}:")
        self.block(s["then"])
        if s["else"]:
            self.put("else:")
            self.block(s["else"])

    def for_(self, s):
        self.put(f"for i{s['id']} in range({s['times']}):")
        self.indent += 1
        if s["into"] is not None:
            self.put(f"{s['into']} = i{s['id']}")
        self.indent -= 1
        self.block(s["body"])

    def while_(self, s):
        left = f"n{s['id']}"
        self.put(f"{left} = {s['times']}")
        self.put(f"while {left} > 0" + (f" and {test(s['test'])}:" if s["test"] else ":"))
        self.indent += 1
        self.put(f"{left} -= 1")
        self.indent -= 1
        self.block(s["body"])

    def try_(self, s):
        self.put("try:")
        self.block(s["body"])
        for handler in s["handlers"]:
            classes = ["CATCHES_TYPE_ERROR" if c == "TypeError" else c for c in handler["classes"]]
            classes = [f"*{c}" if c.isupper() and len(classes) > 1 else c for c in classes]
            self.put(f"except {classes[0] if len(classes) == 1 else '(' + ', '.join(classes) + ')'} as e{s['id']}:")
            self.indent += 1
            self.put(f'say("{s["at"]}", "caught", name(e{s["id"]}))')
            self.indent -= 1
            self.block(handler["body"])
        if s["else"]:
            self.put("else:")
            self.block(s["else"])
        if s["finally"] is not None:
            self.put("finally:")
            self.indent += 1
            self.put(f'say("{s["at"]}", "finally")')
            self.indent -= 1
            self.block(s["finally"])

    # generators inside generators

    def hold_(self, s):
        self.put(f"{s['name']} = keep({self.call(s['call'])})")
        self.subs[s["name"]] = s["call"]["fn"]
        self.indent -= 1
        self.block(s["body"])
        self.indent += 1

    def foreach_(self, s):
        count, value = f"n{s['id']}", f"v{s['id']}"
        self.put(f"{count} = {s['limit']}")
        self.put(f"for {value} in {s['sub']}:")
        self.indent += 1
        self.put(f"if {count} == 0: break")
        self.put(f"{count} -= 1")
        self.put(f"{s['into']} = {value}")
        self.put(f'say("{s["at"]}", "item", {value})')
        self.indent -= 1
        self.block(s["body"])

    def recurse_(self, s):
        self.put("if p > 0:")
        self.indent += 1
        self.put(f'say("{s["at"]}", "recurses")')
        peer = ", peer" if self.current["peer"] is not None else ""
        target = self.heard(f"keep(g{self.number}(p - 1{peer}))")
        self.put(f"{s['into']} = yield from {target}")
        self.put(f'say("{s["at"]}", "result", {s["into"]})')
        self.indent -= 1

    def delegate_(self, s):
        source, where = s["source"], s["source"]["from"]
        self.put(f'say("{s["at"]}", "delegates")')
        if where in ("slot", "peer"):
            self.delegate_to_slot(s, *self.slot_of({where: source.get("slot")}))
            return
        if where == "fresh":
            target = f"keep({self.call(source['call'])})"
        elif where == "sub":
            target = source["sub"]
            self.need_result(self.type_of(self.subs[target]), target)
        elif where == "range":
            target = "range({}, {}, {})".format(*source["range"])
        elif where == "list":
            target = str(source["items"])
        else:
            target = f"it{s['id']}"
            self.put(f"{target} = iter({source['items']})")
            for _ in range(source["used"]):
                self.put(f'say("{s["at"]}", "uses", next({target}))')
        target = self.heard(target)
        if where in ("range", "list", "iterator"):
            # A StopIteration thrown in ends the delegation to an iterator, with its value; in C++ that has none.
            self.put(f"yield from {target}")
            self.put(f"{s['into']} = None")
        else:
            self.put(f"{s['into']} = yield from {target}")
        self.put(f'say("{s["at"]}", "result", {s["into"]})')

    def heard(self, target):
        return f"Deaf({target})" if self.current["type"] == "silent" else target

    def need_result(self, type_name, target):
        """An ended delegate gives None, for which a C++ generator that returns int has no value: type_error there."""
        if type_name == "counting":
            self.put(f"need_result({target})")

    def delegate_to_slot(self, s, slot, type_name):
        self.put(f"if {slot}.blocked():")
        self.put(f'    say("{s["at"]}", "skipped")')
        self.put("else:")
        self.indent += 1
        self.need_result(type_name, f"{slot}.generator")
        self.indent -= 1
        self.put(f"    {slot}.lent += 1")
        self.put("    try:")
        self.put(f"        {s['into']} = yield from {self.heard(f'{slot}.generator')}")
        self.put("    finally:")
        self.put(f"        {slot}.lent -= 1")
        self.put(f'    say("{s["at"]}", "result", {s["into"]})')

    def drive_(self, s):
        target = s["target"]
        if "sub" in target:
            written, type_name = target["sub"], self.type_of(self.subs[target["sub"]])
        else:
            written, type_name = self.slot_of(target)
        call = f'drive("{s["at"]}", {written}, {self.action(s, type_name)}, {s["caught"]})'
        self.put(call if s["do"] == "state" else f"{s['into']} = {call}")

    def slot_of(self, target):
        """How the slot is called here, and the type of what is in it."""
        if "peer" in target:
            return "peer", self.current["peer"]
        return f"s{target['slot']}", self.program["slots"][target["slot"]]["type"]

    # the driver

    def action(self, s, type_name):
        do = s["do"]
        if do == "send":
            # A generator<Y> with nothing to send: C++ does not compile it, so None is sent.
            return f"send({None if type_name == 'silent' else s['value']})"
        if do == "throw":
            if s["form"] == "pointer":
                return f"throw({_instance(s['error'])}, watched=True)"
            return f"throw({error(s['error'])})"
        if do == "for":
            return f"loop({s['limit']})"
        if do == "next" and s["api"] == "otherwise":
            return "next_otherwise"
        return {"next": "next_", "close": "close", "state": "state"}[do]

    def driver(self):
        self.lines += ["", ""]
        self.put("def run():")
        self.indent += 1
        for number, slot in enumerate(self.program["slots"]):
            self.put(f"s{number}.put({self.call(slot['call'])})")
        for operation in self.program["script"]:
            self.operation(operation)
        self.indent -= 1
        self.lines += ["", "", 'if __name__ == "__main__":', "    run()", "    finish()", "    leave()"]

    def operation(self, o):
        number = o["slot"]
        slot = self.program["slots"][number]
        if o["do"] == "renew":
            self.put(f'renew("{o["at"]}", s{number}, lambda: {self.call(o["call"])})')
        elif o["do"] == "revive":
            self.put(f'revive("{o["at"]}", s{number}, lambda: {self.call(o["call"])}, {o["start"]})')
        elif o["do"] == "move":
            self.put(f'move("{o["at"]}", s{number})')
        else:
            self.put(f'drive("{o["at"]}", s{number}, {self.action(o, slot["type"])}, True)')
