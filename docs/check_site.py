#!/usr/bin/env python3
"""Checks a built site: each link within it leads to a page that is there, and to a place on it; nothing is loaded from elsewhere.

usage: check_site.py DIRECTORY
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself, unlike the target of a link.
LOADED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("embed", "src"), ("object", "data")}
LOADED_LINKS = {"stylesheet", "icon", "shortcut icon", "preload", "preconnect", "dns-prefetch", "prefetch", "manifest"}


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.links, self.loaded, self.places, self.snippets = [], [], {""}, 0
        self.in_style = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        self.in_style = tag == "style"
        self.snippets += "region" in attributes.get("class", "").split()
        self.places |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        for name in ("src", "data"):
            if (tag, name) in LOADED and attributes.get(name):
                self.loaded.append(attributes[name])
        self.loaded += css_urls(attributes.get("style", ""))
        if tag == "link" and attributes.get("href"):
            (self.loaded if attributes.get("rel") in LOADED_LINKS else self.links).append(attributes["href"])
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])

    def handle_data(self, data):
        if self.in_style:
            self.loaded += css_urls(data)

    def handle_endtag(self, tag):
        self.in_style = False


def css_urls(text):
    found = re.findall(r"url\(\s*['\"]?([^'\")]+)", text) + re.findall(r"@import\s+['\"]([^'\"]+)", text)
    return [url for url in found if not url.startswith("data:")]


def faults_of(site, counts):
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        here = path.relative_to(site)
        counts["pages"] += 1
        counts["snippets"] += page.snippets
        for url in page.links + page.loaded:
            parts = urlsplit(url)
            if parts.scheme in ("http", "https") or parts.netloc:
                if url in page.loaded:
                    yield f"{here}: loads {url}"
                counts["links to other sites"] += url in page.links
                continue
            if parts.scheme:
                continue
            counts["links"] += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                yield f"{here}: {url} leads nowhere"
            elif target in pages and unquote(parts.fragment) not in pages[target].places:
                yield f"{here}: {url}: there is no such place on that page"
    for path in sorted(site.rglob("*.css")):
        for url in css_urls(path.read_text(encoding="utf-8")):
            if urlsplit(url).netloc:
                yield f"{path.relative_to(site)}: loads {url}"
            elif not (path.parent / unquote(urlsplit(url).path)).is_file():
                yield f"{path.relative_to(site)}: {url} leads nowhere"


def main(directory):
    site = Path(directory).resolve()
    counts = dict.fromkeys(("pages", "snippets", "links", "links to other sites"), 0)
    faults = list(faults_of(site, counts))
    print(*faults, sep="\n", end="\n" if faults else "")
    print(", ".join(f"{number} {what}" for what, number in counts.items()) + f"; {len(faults)} faults")
    return 1 if faults or not counts["pages"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
