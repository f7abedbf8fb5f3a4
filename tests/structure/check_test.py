#!/usr/bin/env python3
"""Tests of check.py: each rule lets the good through and names the bad by its file and line."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECK = Path(__file__).with_name("check.py")

GOOD = {
    "fermata/base/errors.hpp": "#include <exception>\n",
    "fermata/base/ranges.hpp": "#include <span>\n#if X\n#include <ranges>\n#endif\n",
    "fermata/iteration/iter.hpp": "#include <fermata/base/errors.hpp>\n#include <ranges>\n",
    "fermata/iteration/range.hpp": '#include "iter.hpp"\n',
    "fermata/generator/generator.hpp": "#include <coroutine>\n#include <fermata/iteration/iter.hpp>\n",
    "fermata/loop/event_loop.hpp": "#include <fermata/base/errors.hpp>\n",
    "fermata/iteration.hpp": "#include <fermata/iteration/iter.hpp>\n#include <fermata/iteration/range.hpp>\n",
    "fermata/generator.hpp": "#include <fermata/iteration.hpp>\n#include <fermata/generator/generator.hpp>\n",
    "fermata/fermata.hpp": "#include <fermata/generator.hpp>\n",
}


def check(files):
    with tempfile.TemporaryDirectory() as directory:
        for name, text in files.items():
            path = Path(directory, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, CHECK, directory], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.replace(f"{directory}/", "")


class Check(unittest.TestCase):
    def refuses(self, name, text, message):
        status, output = check({**GOOD, name: text})
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)

    def test_the_good_tree_passes(self):
        status, output = check(GOOD)
        self.assertEqual((status, output), (0, "9 headers, 0 violations\n"))

    def test_a_namespace_says_its_version(self):
        status, _ = check({**GOOD, "fermata/base/x.hpp": "namespace fermata::inline v0::detail {\n}\n"})
        self.assertEqual(status, 0)
        self.refuses("fermata/base/x.hpp", "\nnamespace fermata {\n", "fermata/base/x.hpp:2: the namespace lacks its version")
        self.refuses("fermata/base/x.hpp", "namespace fermata::detail {\n", "the namespace lacks its version")

    def test_a_layer_does_not_include_a_later_one(self):
        self.refuses("fermata/base/x.hpp", "\n#include <fermata/iteration/iter.hpp>\n", "fermata/base/x.hpp:2: base/ may not")

    def test_a_relative_include_is_no_way_around(self):
        self.refuses("fermata/base/x.hpp", '#include "../iteration/iter.hpp"\n', "fermata/base/x.hpp:1: base/ may not")

    def test_generators_and_the_loop_know_nothing_of_each_other(self):
        self.refuses("fermata/loop/x.hpp", "#include <fermata/generator/generator.hpp>\n", "loop/ may not depend on generator/")
        self.refuses("fermata/generator/x.hpp", "#include <fermata/loop/event_loop.hpp>\n", "generator/ may not depend on loop/")

    def test_a_room_does_not_include_a_door(self):
        self.refuses("fermata/generator/x.hpp", "#include <fermata/iteration.hpp>\n", "a room includes the door")

    def test_a_door_opens_its_own_rooms(self):
        self.refuses("fermata/iteration.hpp", "#include <fermata/generator/generator.hpp>\n", "not among its rooms")
        self.refuses("fermata/iteration.hpp", "#include <fermata/generator.hpp>\n", "layers above it")

    def test_an_include_exists(self):
        self.refuses("fermata/base/x.hpp", "#include <fermata/base/nothing.hpp>\n", "does not exist")

    def test_heavy_standard_headers(self):
        self.refuses("fermata/base/x.hpp", "#  include <iostream>\n", "fermata/base/x.hpp:1: <iostream>")
        self.refuses("fermata/base/x.hpp", "#include <functional>\n", "<functional> is too heavy")
        self.refuses("fermata/generator/x.hpp", "#include <ranges>\n", "only iteration/ includes <ranges>")

    def test_unknown_places(self):
        self.refuses("fermata/elsewhere/x.hpp", "", "no known layer")
        self.refuses("fermata/elsewhere.hpp", "", "no known door")
        self.refuses("elsewhere/x.hpp", "", "live in include/fermata/")

    def test_a_long_header_is_only_a_warning(self):
        status, output = check({**GOOD, "fermata/base/x.hpp": "\n" * 151})
        self.assertEqual(status, 0)
        self.assertIn("fermata/base/x.hpp:151: warning: 151 lines", output)

    def test_no_headers_is_a_failure(self):
        self.assertEqual(check({})[0], 1)


if __name__ == "__main__":
    unittest.main()
