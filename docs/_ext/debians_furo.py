"""Two things that Debian's furo (2022.12.07+dfsg-1) lacks, mended when the site is built.

It loads normalize.css from the web server that Debian's packages are served by: here it becomes a part of the site. And the
rules for who has asked his system, and not the page, for dark colours were lost when its style sheet was compiled: they are
those of the dark theme once more.
"""

import re
import shutil
from pathlib import Path

from sphinx.errors import ExtensionError

DEBIANS = "/javascript/normalize.css/normalize.css"
DARK = re.compile(r'\n  body\[data-theme="dark"\] (\{\n.*?\})', re.DOTALL)


def mend(text):
    text = text.replace(f"url({DEBIANS})", "url(normalize.css)")
    if "prefers-color-scheme" not in text:
        dark = DARK.search(text)
        if dark is None:
            raise ExtensionError("furo.css has no dark theme")
        text += f'\n@media not print {{ @media (prefers-color-scheme: dark) {{ body:not([data-theme="light"]) {dark[1]} }} }}\n'
    return text


def mend_style_sheet(app, exception):
    sheet = Path(app.outdir, "_static", "styles", "furo.css")
    if exception or not sheet.is_file():
        return
    text = sheet.read_text(encoding="utf-8")
    if f"url({DEBIANS})" in text:
        shutil.copy("/usr/share" + DEBIANS, sheet.parent / "normalize.css")
    sheet.write_text(mend(text), encoding="utf-8")


def setup(app):
    app.connect("build-finished", mend_style_sheet)
    return {"parallel_read_safe": True}
