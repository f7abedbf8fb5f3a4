"""The reference, made of the public headers: docs/reference/ is written here before each build, a page a header.

Doxygen says which entities are public, and where they are declared (its XML). Texts and declarations are those of the
headers themselves, which are written in Markdown: so what is read here is what is read there.
"""

import re
import subprocess
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

from sphinx.errors import ExtensionError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
INCLUDE = "include/fermata/"
OUTPUT = ROOT / "docs" / "reference"

LAYERS = {
    "base": ("Errors, and what all have in common", "fermata/iteration.hpp"),
    "iteration": ("Iteration", "fermata/iteration.hpp"),
    "generator": ("Generators", "fermata/generator.hpp"),
    "loop": ("The event loop", "fermata/async.hpp"),
    "task": ("Tasks", "fermata/async.hpp"),
    "sync": ("Synchronisation and queues", "fermata/async.hpp"),
    "thread": ("Threads", "fermata/async.hpp"),
    "io": ("Streams", "fermata/io.hpp"),
    "net": ("The net", "fermata/io.hpp"),
    "os": ("The operating system", "fermata/io.hpp"),
    "testing": ("Testing", "fermata/testing.hpp"),
    "trace": ("Seeing concurrency", "fermata/trace.hpp"),
    "python": ("The bridge to Python", "fermata/python.hpp"),
}
NAMESPACES = ("fermata", "fermata::python", "fermata::trace")
OTHER_DOORS = {"tls": "fermata/tls.hpp", "testing/gtest": "fermata/testing/gtest.hpp"}
# What users have no business with, though it is declared in the open.
INTERNAL_HEADERS = {"base/allocator", "base/config", "base/frame_pool", "base/intrusive_list", "base/ranges", "loop/timer_heap", "sync/waiters",
                    "testing/failing_new"}  # the last one declares nothing but operators
CPP = ["```{code-block} cpp", ":force:"]  # with the "…" that stands for what is left out
OPENING, CLOSING = "([{", ")]}"


class Header:
    def __init__(self, path):
        self.lines = path.read_text(encoding="utf-8").splitlines()

    def declared_at(self, number, whole):
        """(first line, the declaration's text) of what doxygen has found in a line, which need not be its first."""
        first = number - 1
        while first > 0 and self.continues(self.lines[first - 1]):
            first -= 1
        return first, self.text_from(first, whole)

    @staticmethod
    def continues(line):
        line = re.sub(r"\s*//.*", "", line).strip()
        return bool(line) and not line.startswith("#") and not line.endswith((";", "{", "}", ":"))

    def text_from(self, first, whole):
        """To the semicolon, or, if not whole, to where a body or a constructor's initialisers begin."""
        text, depth = "", 0
        for line in self.lines[first:]:
            line = re.sub(r"\s*// (NOLINT|clang-format).*", "", line)
            code = re.sub(r"\s*//.*", "", line)
            previous = ""
            for position, character in enumerate(code):
                following = code[position + 1 : position + 2]
                if depth == 0 and character == ";":
                    return text + code[: position + 1] + self.remark(line)
                if depth == 0 and character == "{" and not whole and not code[:position].rstrip().endswith("="):
                    return (text + code[:position]).rstrip() + ";"
                if depth == 0 and character == ":" and not whole and ":" not in (previous, following) and ")" in text + code[:position]:
                    return (text + code[:position]).rstrip() + ";"
                depth += (character in OPENING) - (character in CLOSING)
                previous = character
            text += line + "\n"
        raise ExtensionError(f"line {first + 1}: this declaration does not end")

    @staticmethod
    def remark(line):
        found = re.search(r";(\s*//.*)", line)
        return found[1] if found else ""

    def comment_above(self, first):
        lines = []
        while first > 0 and self.lines[first - 1].strip().startswith("///"):
            first -= 1
            lines.insert(0, re.sub(r"^\s*/// ?", "", self.lines[first]))
        return lines

    def description(self):
        """What stands behind `\\file`."""
        for number, line in enumerate(self.lines):
            if line.strip() == "/// \\file":
                end = number + 1
                while self.lines[end].startswith("///"):
                    end += 1
                return self.comment_above(end)[1:]
        return []


def escaped(line):
    """Markdown outside of `code` is text here, but for an *emphasis*: `<` and `*` and `_` are themselves."""

    def escape(text):
        return re.sub(r"(?<!\*)(\*\w+\*)|([<>*_\[\]\\])", lambda found: found[1] or "\\" + found[2], text)

    parts = re.split(r"(`[^`]*`)", line)
    return "".join(part if part.startswith("`") else escape(part) for part in parts)


def markdown(lines):
    """A comment's lines: indented ones are code."""
    text, code = [], []

    def flush():
        while code and not code[-1]:
            code.pop()
        if code:
            text.extend(["", *(CPP if looks_like_cpp(code) else ["```text"]), *code, "```", ""])
            code.clear()

    # A span of code may go over the end of a line.
    joined = "\n".join(lines)
    joined = re.sub(r"`[^`\n]*\n[^`\n]*`", lambda span: span[0].replace("\n", " "), joined)
    for line in joined.split("\n"):
        if line.startswith("    ") or (code and not line):
            code.append(line[4:])
        else:
            flush()
            text.append(escaped(line) if not line.startswith("- ") else "- " + escaped(line[2:]))
    flush()
    return "\n".join(text)


def looks_like_cpp(code):
    return not any(line.startswith(("|", "+", "*", "  |", "  +")) for line in code)


def dedented(declaration):
    lines = [re.sub(r"FERMATA_DETAIL_\w+ ", "", line) for line in declaration.splitlines()]
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[min(margin, len(line) - len(line.lstrip())) :] for line in lines)


class Entity:
    def __init__(self, kind, name, header, line):
        self.kind, self.name = kind, name
        self.first, self.declaration = header.declared_at(line, whole=kind in ("concept", "enum", "variable", "typedef"))
        self.comment = header.comment_above(self.first)
        self.declaration = dedented(self.declaration)


def run_doxygen(into):
    settings = (HERE / "Doxyfile").read_text(encoding="utf-8") + f"OUTPUT_DIRECTORY = {into}\n"
    try:
        subprocess.run(["doxygen", "-"], input=settings, text=True, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as problem:
        raise ExtensionError(f"doxygen is needed (scripts/install-dependencies docs): {problem}") from problem
    return Path(into) / "xml"


def place(node):
    location = node.find("location")
    file = location.get("declfile") or location.get("file")
    line = location.get("declline") or location.get("line")
    return (file[len(INCLUDE) :] if file.startswith(INCLUDE) else None), int(line)


class Reader:
    def __init__(self, directory):
        self.directory, self.headers = directory, {}
        self.pages = {}  # header: [(Entity, [member, …]), …]
        for path in sorted(directory.glob("*.xml")):
            compound = xml.parse(path).getroot().find("compounddef")
            if compound is None:
                continue
            if compound.get("kind") in ("class", "struct") and "detail::" not in compound.findtext("compoundname"):
                self.read_class(compound)
            elif compound.get("kind") == "namespace" and compound.findtext("compoundname") in NAMESPACES:
                self.read_members(compound)
            elif compound.get("kind") == "file":
                self.read_macros(compound)
            elif compound.get("kind") == "concept":
                self.add("concept", compound.findtext("compoundname"), compound)

    def header(self, name):
        if name not in self.headers:
            self.headers[name] = Header(ROOT / INCLUDE / name)
        return self.headers[name]

    def entity(self, kind, name, node):
        header, line = place(node)
        if header is None or "/detail/" in header:
            return None, None
        return header, Entity(kind, name.split("fermata::", 1)[-1], self.header(header), line)

    def add(self, kind, name, node, members=()):
        header, entity = self.entity(kind, name, node)
        if entity and (entity.comment or kind != "function"):
            self.pages.setdefault(header, []).append((entity, list(members)))
        elif entity:
            self.pages.setdefault(header, []).append((entity, []))

    def read_members(self, compound):
        for member in compound.iter("memberdef"):
            if member.get("kind") in ("function", "variable", "enum", "typedef"):
                self.add(member.get("kind"), member.findtext("name"), member)

    def read_macros(self, compound):
        for member in compound.iter("memberdef"):
            if member.get("kind") == "define" and re.match(r"(CO_|FERMATA_TEST|FERMATA_EXPLORE)", member.findtext("name")):
                header, line = place(member)
                if header is None or member.findtext("name").endswith("_"):
                    continue
                source = self.header(header)
                entity = Entity.__new__(Entity)
                entity.kind, entity.name, entity.first = "macro", member.findtext("name"), line - 1
                parameters = ", ".join(p.findtext("defname") or "..." for p in member.findall("param"))
                entity.declaration = f"{entity.name}({parameters})"
                entity.comment = source.comment_above(line - 1)
                self.pages.setdefault(header, []).append((entity, []))

    def read_class(self, compound):
        name = compound.findtext("compoundname")
        header, entity = self.entity(compound.get("kind"), name, compound)
        if entity is None or compound.get("prot") != "public" or name.count("::") > 1 and not entity.comment:
            return
        members = []
        for member in compound.iter("memberdef"):
            if member.get("prot") != "public" or member.get("kind") not in ("function", "variable", "enum", "typedef"):
                if member.get("kind") != "friend" or "operator" not in member.findtext("name"):
                    continue
            where, line = place(member)
            if where != header:
                continue
            made = Entity(member.get("kind"), member.findtext("name"), self.header(header), line)
            if made.declaration.endswith("= delete;") and not made.comment or "static_assert" in made.declaration:
                continue
            if re.fullmatch(r"(virtual )?~?\w+\(.*\)( noexcept)?( = default)?( override)?;", made.declaration) and not made.comment:
                if "~" in made.declaration or "&& " in made.declaration or "const " + made.name + "&" in made.declaration:
                    continue
            members.append(made)
        whole = entity.declaration.rstrip(";")
        shown = re.sub(r"\s+:\s+(?!public (?!std::ranges)[^,:]*$).*", "", whole, flags=re.DOTALL)
        entity.declaration = shown + ";"
        self.pages.setdefault(header, []).append((entity, sorted(members, key=lambda each: each.first)))


def grouped(entities, source):
    """What has no comment of its own goes with the one before, if no empty line stands between."""
    groups = []
    for each in entities:
        last = groups[-1][-1] if groups else None
        if last and each.first == last.first:
            continue
        joined = last and not each.comment and all(source.lines[last.first : each.first])
        if joined or (last and not each.comment and not groups[-1][0].comment):
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def block(group, nature="cpp"):
    return f"```{nature}\n" + "\n".join(each.declaration for each in group) + "\n```\n"


def page_of(header, entities, source):
    stem = header[: -len(".hpp")]
    layer, _, name = stem.rpartition("/")
    door = next((OTHER_DOORS[key] for key in OTHER_DOORS if stem == key or name.startswith(key + "_") or name == key), LAYERS[layer][1])
    title = name.replace("_", "\\_")
    text = [f"# {title}\n", f"`#include <fermata/{header}>`, or `<{door}>`\n", markdown(source.description()) + "\n"]
    entities = sorted(entities, key=lambda pair: pair[0].first)
    free = [pair for pair in entities if not pair[1] and pair[0].kind not in ("class", "struct")]
    classes = [pair for pair in entities if pair not in free]
    sections = [(pair[0].first, [pair[0]], pair[1]) for pair in classes]
    sections += [(group[0].first, group, []) for group in grouped([pair[0] for pair in free], source)]
    for _, group, members in sorted(sections, key=lambda section: section[0]):
        text.append(f"## {escaped(group[0].name)}\n")
        text.append(block(group))
        text.append(markdown(group[0].comment) + "\n")
        for member_group in grouped(members, source):
            text.append("::::{container} member\n")
            text.append(block(member_group))
            text.append(markdown(member_group[0].comment) + "\n")
            text.append("::::\n")
    return "\n".join(text)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:  # else Sphinx would read it again
        path.write_text(text, encoding="utf-8")
    return path


def generate(app):
    with tempfile.TemporaryDirectory() as directory:
        reader = Reader(run_doxygen(directory))
    written, index = set(), ["# Reference\n", "Made of the public headers, a page each. What they say there, they say here.\n"]
    for layer, (title, _) in LAYERS.items():
        stems = sorted(
            header[: -len(".hpp")]
            for header in reader.pages
            if header.startswith(layer + "/") and header[: -len(".hpp")] not in INTERNAL_HEADERS
        )
        if not stems:
            continue
        for stem in stems:
            header = f"{stem}.hpp"
            written.add(write(OUTPUT / f"{stem}.md", page_of(header, reader.pages[header], reader.header(header))))
        index += [f"## {title}\n", "```{toctree}\n:maxdepth: 1\n", *stems, "```\n"]
    if len(written) < 50:
        raise ExtensionError(f"only {len(written)} headers were found")
    written.add(write(OUTPUT / "index.md", "\n".join(index)))
    for old in set(OUTPUT.rglob("*.md")) - written:
        old.unlink()


def setup(app):
    app.connect("builder-inited", generate)
    return {"parallel_read_safe": True}
