"""Drawings, in place: `{drawing} step` shows docs/drawings/step.svg. They are part of the page, and not images, so that they have
the page's colours, light and dark."""

import xml.etree.ElementTree as xml
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

DRAWINGS = Path(__file__).resolve().parent.parent / "drawings"


class Drawing(Directive):
    required_arguments = 1
    has_content = True

    def run(self):
        path = DRAWINGS / f"{self.arguments[0]}.svg"
        self.state.document.settings.env.note_dependency(str(path))
        text = path.read_text(encoding="utf-8")
        if xml.fromstring(text).find("{http://www.w3.org/2000/svg}title") is None:
            raise self.error(f"{path.name} has no title, for those who do not see it")
        text = text.replace(' xmlns="http://www.w3.org/2000/svg"', "")
        return [nodes.raw("", f'<div class="drawing">{text}</div>', format="html")]


def setup(app):
    app.add_directive("drawing", Drawing)
    return {"parallel_read_safe": True}
