"""The documentation site; `make docs` builds it (see scripts/docs). Sphinx with the theme furo: docs/decisions/0017-documentation.md."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(Path(__file__).resolve().parent / "_ext"))

project = "fermata"
author = "fermata's contributors"
copyright = author  # noqa: A001  (the name is Sphinx's)
version = release = re.search(r"VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8").split("project(")[1])[1]

extensions = ["myst_parser", "regions", "headers", "drawings", "optional_pages", "debians_furo"]
exclude_patterns = ["_ext"]
nitpicky = True
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings = []
highlight_language = "none"
pygments_style = "friendly"
pygments_dark_style = "github-dark"

html_theme = "furo"
html_title = f"fermata {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_use_index = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5c74", "color-brand-content": "#0b5c74"},
    "dark_css_variables": {"color-brand-primary": "#7cc7de", "color-brand-content": "#7cc7de"},
}


# Its tables need the width.
def without_contents(app, env):
    env.metadata["benchmarks/README"]["hide-toc"] = ""


def setup(app):
    app.connect("env-updated", without_contents)
