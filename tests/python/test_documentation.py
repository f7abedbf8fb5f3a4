"""The code of docs/python.md is that of files that are compiled and run."""

import re
import textwrap
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def squeezed(text):
    """Without what differs where it stands: indentation, and what the documentation leaves out."""
    return re.sub(r"\s+", " ", text).strip()


class Documentation(unittest.TestCase):
    def test_each_snippet_stands_in_a_tested_file(self):
        files = [*(ROOT / "tests/python").glob("*.[cp]*"), *(ROOT / "python").rglob("*.[cp]*"), ROOT / "tests/python/CMakeLists.txt"]
        tested = [squeezed(path.read_text()) for path in files if path.is_file()]
        snippets = re.findall(r"^```(?:cpp|python|cmake)\n(.*?)^```", (ROOT / "docs/python.md").read_text(), re.M | re.S)
        self.assertGreater(len(snippets), 5)
        for snippet in snippets:
            for part in re.split(r"\n\s*…\n", textwrap.dedent(snippet)):
                self.assertTrue(any(squeezed(part) in text for text in tested), f"in no tested file:\n{part}")


if __name__ == "__main__":
    unittest.main()
