#!/usr/bin/env python3
"""Checks how the public headers depend on each other, and on the standard library.

usage: check.py [--compiler g++] INCLUDE_DIRECTORY

Prints each violation as `file:line: what is wrong; what to do`, and a warning for each header that has grown long.
With --compiler, also counts the preprocessed lines of <fermata/generator.hpp>.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

CORE = {"base", "iteration", "generator"}
LOOP = {"base", "loop"}
SYNC = LOOP | {"task", "sync"}
IO = SYNC | {"io"}
EVERYTHING = CORE | IO | {"net", "os", "thread", "testing", "trace", "python"}

# What the headers of a directory may include. Dependencies go one way only.
LAYERS = {
    "base": {"base"},
    "iteration": {"base", "iteration"},
    "generator": CORE,
    "loop": LOOP,
    "task": CORE | LOOP | {"task"},
    "sync": SYNC,
    "io": IO,
    "net": IO | {"net"},
    "os": IO | {"os"},
    "thread": EVERYTHING,
    "testing": EVERYTHING,
    "trace": EVERYTHING,
    "python": EVERYTHING,
}

# The doors, include/fermata/<door>.hpp: which rooms each opens. The front door opens the other doors.
DOORS = {
    "iteration": {"base", "iteration"},
    "generator": CORE,
    "async": CORE | SYNC | {"thread"},
    "io": IO | {"net", "os"},
    "tls": IO | {"net"},
    "testing": EVERYTHING,
    "trace": LOOP | {"task", "trace"},
    "python": EVERYTHING,
    "fermata": EVERYTHING,
}

# Heavy standard headers: every user pays for them in every translation unit.
FORBIDDEN = {
    "iostream": "include <iosfwd>, or move the output into a .cpp file",
    "functional": "take a template parameter, or a function pointer and its argument",
}
# <ranges> alone is as heavy as everything else together; base/ranges.hpp is how to have its concepts without it.
LIGHT_RANGES = PurePosixPath("fermata/base/ranges.hpp")

LONG_HEADER = 150
MOST_PREPROCESSED_LINES = 25_000

# Two versions of the library in one program are not to be taken for each other.
NAMESPACE = re.compile(r"^namespace fermata(?!::inline v\d+( |::))")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(path):
    """The (line number, is quoted, name) of each #include of a file."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1] == '"', match[2]


def resolve(quoted, name, header, root):
    """The included header's path below include/, or None when it is not one of ours."""
    if quoted and (header.parent / name).is_file():
        return PurePosixPath((header.parent / name).resolve().relative_to(root.resolve()))
    return PurePosixPath(name) if name.startswith("fermata/") else None


def is_door(path):
    return len(path.parts) == 2


def check_own_include(target, header, root):
    """What is wrong with `header` (below root) including `target`, both as paths below include/; or None."""
    if not (root / target).is_file():
        return f"<{target}> does not exist; correct the path"
    if is_door(header):
        allowed, name = DOORS.get(header.stem, set()), header.stem
        if is_door(target):
            opened = DOORS.get(target.stem, EVERYTHING)
            if header.stem != "fermata" and not opened <= allowed:
                return f"the door {name}.hpp opens {target.name}, which holds layers above it; include only what it needs"
            return None
        if target.parts[1] not in allowed:
            return f"the door {name}.hpp opens {target.parts[1]}/, which is not among its rooms; leave it to another door"
        return None

    layer = header.parts[1]
    if is_door(target):
        return f"a room includes the door <{target}>; include the headers that it needs, one by one"
    if target.parts[1] not in LAYERS[layer]:
        allowed = ", ".join(sorted(LAYERS[layer]))
        return f"{layer}/ may not depend on {target.parts[1]}/ (only on: {allowed}); move what is shared further down"
    return None


def check_header(path, root):
    """Returns the violations of one header, as (line, message)."""
    header = PurePosixPath(path.relative_to(root))
    if header.parts[0] != "fermata":
        return [(1, "public headers live in include/fermata/; move it there")]
    if is_door(header) and header.stem not in DOORS:
        return [(1, f"{header.name} is no known door; put it into its layer's directory, or add it to DOORS in check.py")]
    if not is_door(header) and header.parts[1] not in LAYERS:
        return [(1, f"{header.parts[1]}/ is no known layer; move the header, or add the layer to LAYERS in check.py")]

    problems = []
    for line, quoted, name in includes(path):
        if target := resolve(quoted, name, path, root):
            if message := check_own_include(target, header, root):
                problems.append((line, message))
        elif name in FORBIDDEN:
            problems.append((line, f"<{name}> is too heavy for a public header; {FORBIDDEN[name]}"))
        elif name == "ranges" and header.parts[1] != "iteration" and header != LIGHT_RANGES:
            problems.append((line, f"only iteration/ includes <ranges>; for the concepts include <{LIGHT_RANGES}>"))
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if NAMESPACE.match(text):
            problems.append((line, "the namespace lacks its version; write: namespace fermata::inline v0"))
    return problems


def preprocessed_lines(compiler, root):
    command = [compiler, "-std=c++20", "-E", "-x", "c++", "-I", str(root), "-"]
    done = subprocess.run(
        command, input="#include <fermata/generator.hpp>\n", capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"$ {' '.join(command)}\n{done.stderr}")
    return done.stdout.count("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", help="the g++ that counts the preprocessed lines")
    parser.add_argument("root", type=Path)
    arguments = parser.parse_args()
    root = arguments.root

    headers = sorted(path for path in root.rglob("*") if path.is_file())
    failures = 0
    if not headers:
        print(f"{root}: no headers")
        failures += 1
    for path in headers:
        for line, message in check_header(path, root):
            print(f"{path}:{line}: {message}")
            failures += 1

    for path in headers:
        length = len(path.read_text(encoding="utf-8").splitlines())
        if length > LONG_HEADER:
            print(f"{path}:{length}: warning: {length} lines, more than {LONG_HEADER}; does it hold two concepts?")

    if arguments.compiler:
        lines = preprocessed_lines(arguments.compiler, root)
        print(f"<fermata/generator.hpp>: {lines} preprocessed lines (at most {MOST_PREPROCESSED_LINES})")
        if lines > MOST_PREPROCESSED_LINES:
            print(f"{root / 'fermata/generator.hpp'}:1: too heavy; look for a large standard header with `g++ -H -E`")
            failures += 1

    print(f"{len(headers)} headers, {failures} violations")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
