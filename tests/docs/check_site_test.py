#!/usr/bin/env python3
"""Tests that docs/check_site.py finds what it should."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "docs" / "check_site.py"
GOOD = {
    "index.html": '<link rel="stylesheet" href="a.css"><a href="sub/other.html#there">x</a> <a href="https://example.org/">y</a>',
    "sub/other.html": '<p id="there"><a href="../index.html">back</a> <a href="#there">here</a></p>',
    "a.css": "p { background: url(a.png) } q { background: url('data:image/png;base64,') }",
    "a.png": "",
}


def check(files):
    with tempfile.TemporaryDirectory() as directory:
        for name, text in files.items():
            path = Path(directory, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, CHECK, directory], capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout


class CheckSite(unittest.TestCase):
    def test_a_good_site_passes_and_is_counted(self):
        self.assertEqual(check(GOOD), (0, "2 pages, 0 snippets, 4 links, 1 links to other sites; 0 faults\n"))

    def test_an_empty_site_fails(self):
        self.assertEqual(check({})[0], 1)

    def test_what_is_wrong_is_found(self):
        for name, text, fault in (
            ("index.html", '<a href="nowhere.html">x</a>', "index.html: nowhere.html leads nowhere"),
            ("index.html", '<a href="sub/other.html#here">x</a>', "sub/other.html#here: there is no such place"),
            ("index.html", '<a href="#nowhere">x</a>', "#nowhere: there is no such place"),
            ("index.html", '<script src="https://cdn.example/x.js"></script>', "loads https://cdn.example/x.js"),
            ("index.html", '<img src="//cdn.example/x.png">', "loads //cdn.example/x.png"),
            ("index.html", '<link rel="stylesheet" href="https://fonts.example/x">', "loads https://fonts.example/x"),
            ("index.html", '<link rel="preconnect" href="https://fonts.example">', "loads https://fonts.example"),
            ("index.html", '<style>p { background: url("https://x.example/y") }</style>', "loads https://x.example/y"),
            ("index.html", '<img src="nothing.png">', "nothing.png leads nowhere"),
            ("a.css", "@import 'https://fonts.example/x.css';", "a.css: loads https://fonts.example/x.css"),
            ("a.css", "p { background: url(b.png) }", "a.css: b.png leads nowhere"),
        ):
            with self.subTest(fault):
                status, said = check(GOOD | {name: text})
                self.assertEqual(status, 1)
                self.assertIn(fault, said)


if __name__ == "__main__":
    unittest.main()
