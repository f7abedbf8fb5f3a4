"""Lines of a toctree that name a page which need not be there, marked `?page`, are left out where it is not."""

import re
from pathlib import Path


def leave_out(app, docname, source):
    here = Path(app.srcdir, docname).parent

    def line(match):
        return match[1] + "\n" if any(here.joinpath(match[1] + ending).exists() for ending in (".md", ".rst")) else ""

    source[0] = re.sub(r"^\?(\S+)\n", line, source[0], flags=re.MULTILINE)


def setup(app):
    app.connect("source-read", leave_out)
    return {"parallel_read_safe": True}
