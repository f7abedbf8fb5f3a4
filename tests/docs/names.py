#!/usr/bin/env python3
"""Checks that the tables of docs/from-python.md have each name of asyncio, itertools and contextlib, and each of inspect that is
about generators, coroutines and what can be awaited; and no other.

usage: names.py             compares the page with the list of names, and the list with CPython 3.13 where it is here
       names.py --record    writes the list: docs/python-3.13-names.txt
       names.py --self-test falsifies a copy of the page in several ways, each of which must be found

A name is in a table if it stands in the first column, in `code`; the second column says what it is here, or why it is not.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "conformance" / "tour"))

import cpython  # noqa: E402

PAGE = ROOT / "docs" / "from-python.md"
NAMES = ROOT / "docs" / "python-3.13-names.txt"
MODULES = ("asyncio", "itertools", "contextlib", "inspect")
JUDGE = "3.13."
# What is public: __all__, and what else is the module's own (all of itertools; contextlib.AsyncContextDecorator).
ASK = """
import importlib, re
for module in %r:
    loaded = importlib.import_module(module)
    own = {name for name, value in vars(loaded).items() if getattr(value, "__module__", None) == module}
    names = {name for name in own if not name.startswith("_")} | set(getattr(loaded, "__all__", ()))
    if module == "inspect":
        names = {name for name in names if re.search("gen|coro|await", name, re.IGNORECASE)}
    print(*sorted(f"{module}.{name}" for name in names), sep="\\n")
"""


def names_of_cpython():
    """None where there is no CPython 3.13."""
    python = cpython.find()
    if python is None or not python.version.startswith(JUDGE):
        return None
    done = subprocess.run([python.path, "-c", ASK % (MODULES,)], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.split()


def rows(page):
    """(names of the first column, what is said of them) for each row of a table."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) >= 2:
            yield re.findall(r"`([a-z]+\.\w+)`", cells[0]), cells[1]


def faults(page, names):
    told = [(name, text) for found, text in rows(page) for name in found if name.split(".")[0] in MODULES]
    listed = [name for name, _ in told]
    yield from (f"{name} is not in the tables" for name in names if name not in listed)
    yield from (f"{name} is in the tables, and not in CPython 3.13" for name in listed if name not in names)
    yield from (f"{name} is there {listed.count(name)} times" for name in sorted(set(listed)) if listed.count(name) > 1)
    yield from (f"{name}: nothing is said of it" for name, text in told if not re.search(r"\w", text))


def check():
    names = NAMES.read_text(encoding="utf-8").split()
    found = list(faults(PAGE.read_text(encoding="utf-8"), names))
    real = names_of_cpython()
    if real is not None and real != names:
        found += [f"{name}: {NAMES.name} and CPython differ" for name in sorted(set(real) ^ set(names))]
    for fault in found:
        print(fault)
    judge = "CPython" if real is not None else "the list alone; no CPython 3.13 is here"
    print(f"{len(names)} names, {len(found)} faults; compared with {judge}")
    return 1 if found else 0


def self_test():
    page, names = PAGE.read_text(encoding="utf-8"), NAMES.read_text(encoding="utf-8").split()
    row = next(line for line in page.splitlines() if line.startswith("| `asyncio.shield`"))
    falsified = {
        "asyncio.shield is not in the tables": page.replace(row + "\n", ""),
        "asyncio.sheild is in the tables, and not in CPython 3.13": page.replace("`asyncio.shield`", "`asyncio.sheild`"),
        "asyncio.shield is there 2 times": page.replace(row, row + "\n" + row),
        "asyncio.shield: nothing is said of it": page.replace(row, "| `asyncio.shield` | |"),
        "inspect.isawaitable is not in the tables": page.replace("| `inspect.isawaitable`", "| isawaitable"),
        "itertools.tee is not in the tables": page.replace("| `itertools.tee`", "| tee"),
        "contextlib.AsyncContextDecorator is not in the tables": page.replace("| `contextlib.AsyncContextDecorator`", "| that"),
    }
    missed = [fault for fault, text in falsified.items() if fault not in faults(text, names)]
    for fault in missed:
        print("not found:", fault)
    print(f"{len(falsified)} falsified pages, {len(missed)} not found")
    return 1 if missed else 0


def record():
    names = names_of_cpython()
    if names is None:
        raise SystemExit("no CPython 3.13 is here")
    NAMES.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    return 0


if __name__ == "__main__":
    choices = {(): check, ("--record",): record, ("--self-test",): self_test}
    chosen = choices.get(tuple(sys.argv[1:]))
    sys.exit(chosen() if chosen else __doc__)
