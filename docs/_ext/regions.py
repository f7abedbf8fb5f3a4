"""Snippets are regions of programs that are compiled and tested: none is typed into a page.

    ```{region} examples/guide/tasks.cpp gather
    ```
shows what stands between the two lines `// [gather]` of that file (in Python `# [gather]`), and

    ```{beside} guide/tasks gather
    ```
shows a region of a program beside that of its twin in Python. A literal block in C++ or Python that is no region is an
error, but on the pages where what is shown is not ours (`typed_snippets_on`).
"""

import re
import textwrap
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parent.parent.parent
TWINS = {"tour": ("tests/conformance/tour", "examples/tour"), "guide": ("examples/guide", "examples/guide")}
MARKER = re.compile(r"\s*(//|#) \[[a-z0-9_]+\]\s*$")
QUOTED = re.compile(r"//(  .*)?$")  # the Python that stands above a program of the tour
LANGUAGES = {".py": "python", ".txt": "cmake"}
CHECKED = {"cpp", "c++", "python", "py"}


def lines_of(path, name):
    """The lines of a region, without the markers of others within it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    marks = [number for number, line in enumerate(lines) if re.fullmatch(rf"\s*(//|#) \[{re.escape(name)}\]\s*", line)]
    if len(marks) != 2:
        raise ExtensionError(f"{path.relative_to(ROOT)}: the marker [{name}] is there {len(marks)} times, and not twice")
    region = [line for line in lines[marks[0] + 1 : marks[1]] if not MARKER.match(line) and not QUOTED.match(line) and "NOLINT" not in line]
    if not any(line.strip() for line in region):
        raise ExtensionError(f"{path.relative_to(ROOT)}: the region [{name}] is empty")
    return textwrap.dedent("\n".join(region)).strip("\n")


class RegionDirective(Directive):
    required_arguments = 1
    final_argument_whitespace = True

    def block(self, path, name):
        environment = self.state.document.settings.env
        file = ROOT / path
        if not file.is_file():
            raise self.error(f"there is no {path}")
        environment.note_dependency(str(file))
        try:
            text = lines_of(file, name)
        except ExtensionError as problem:
            raise self.error(str(problem)) from problem
        language = LANGUAGES.get(file.suffix, "cpp")
        block = nodes.literal_block(text, text, language=language, region=f"{path}#{name}")
        name = nodes.paragraph("", "", nodes.Text({"python": "Python: ", "cpp": "C++: ", "cmake": "CMake: "}[language]), nodes.Text(path))
        name["classes"].append("region-name")
        return nodes.container("", name, block, classes=["region", language])


class Region(RegionDirective):
    def run(self):
        path, name = self.arguments[0].split()
        return [self.block(path, name)]


class Beside(RegionDirective):
    def run(self):
        stem, *names = self.arguments[0].split()
        tree, program = stem.split("/")
        of_python, of_cpp = TWINS[tree]
        python, cpp = (names * 2)[:2]
        return [
            nodes.container(
                "",
                self.block(f"{of_python}/{program}.py", python),
                self.block(f"{of_cpp}/{program}.cpp", cpp),
                classes=["beside"],
            )
        ]


def check_literal_blocks(app, document):
    page = app.env.docname
    shown = [block for block in document.findall(nodes.literal_block) if block.get("language") in CHECKED]
    app.env.shown_regions = getattr(app.env, "shown_regions", 0)
    for block in shown:
        if block.get("region"):
            app.env.shown_regions += 1
        elif not re.match(app.config.typed_snippets_on, page):
            raise ExtensionError(f"{page}: a snippet that is typed into the page: {block.rawsource.splitlines()[0]}")


def setup(app):
    app.add_directive("region", Region)
    app.add_directive("beside", Beside)
    app.add_config_value("typed_snippets_on", r"reference/", "env")
    app.connect("doctree-read", check_literal_blocks)
    return {"parallel_read_safe": True}
