"""The Python package, as its users install it: by pip, without a network; and what its stubs say is there.

usage: test_package.py BUILD_DIRECTORY
"""

import ast
import inspect
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "python"

PROGRAM = """
import asyncio, fermata
average = fermata.averager()
next(average)
print(average.send(10), average.send(20))
print(len(list(fermata.lines(fermata.__file__))) > 5)
print(asyncio.run(fermata.sleep(0)))
print(isinstance(average, fermata.generator))
"""


SEVERAL = """
import asyncio, bridge, fast_pipeline, fermata

async def both():
    print(await asyncio.gather(fermata.sleep(0.01), bridge.doubles(21)))

asyncio.run(both())
average = fermata.averager()
next(average)
print(list(bridge.countdown(2)), average.send(10))
"""


class Package(unittest.TestCase):
    build = None

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir"]
        done = subprocess.run(
            [*pip, "install", "--no-index", "--config-settings", f"build-dir={cls.build}", "--target", cls.directory.name, PACKAGE],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)

    def test_it_works_where_it_is_installed(self):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            text=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": self.directory.name},
        )
        self.assertEqual((done.stdout, done.stderr), ("10.0 15.0\nTrue\nNone\nTrue\n", ""))

    def test_modules_that_have_a_library_each_live_in_one_process(self):
        modules = os.pathsep.join(str(Path(self.build) / each) for each in ("python", "tests/python"))
        done = subprocess.run(
            [sys.executable, "-c", SEVERAL],
            capture_output=True,
            text=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": os.pathsep.join((self.directory.name, modules))},
        )
        self.assertEqual((done.stdout, done.stderr), ("[None, 42]\n[2, 1] 10.0\n", ""))

    def test_its_stubs_say_what_is_there(self):
        installed = Path(self.directory.name) / "fermata"
        self.assertTrue((installed / "py.typed").is_file())
        sys.path.insert(0, self.directory.name)
        self.addCleanup(sys.path.remove, self.directory.name)
        import fermata

        stubs = ast.parse((installed / "__init__.pyi").read_text())
        declared = {node.name: node for node in stubs.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        self.assertEqual(sorted(declared), sorted(fermata.__all__))
        for name, node in declared.items():
            there = getattr(fermata, name)
            if isinstance(node, ast.ClassDef):
                members = {member.name for member in node.body if isinstance(member, ast.FunctionDef)}
                self.assertLessEqual(members, set(dir(there)))
            else:
                said = inspect.getdoc(there).splitlines()[0]
                for argument in node.args.args:
                    self.assertIn(f"{argument.arg}: {ast.unparse(argument.annotation)}", said)

    def test_the_example_gives_the_same_in_c_plus_plus(self):
        modules = str(Path(self.build) / "python")
        done = subprocess.run(
            [sys.executable, PACKAGE / "examples/access_log/measure.py", "--lines", "5000", "--rounds", "1"],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": modules, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self.assertRegex(done.stdout, r"\d+ sessions, \d+ requests, .*\nmedian: [0-9.]+ times as fast\n$", done.stderr)


if __name__ == "__main__":
    Package.build = sys.argv.pop()
    unittest.main()
