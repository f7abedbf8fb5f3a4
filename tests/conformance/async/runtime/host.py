"""Runs the Python programs given as arguments, one after the other, each trace under its heading."""

import os
import pathlib
import runpy
import sys

import support

# A coroutine that waits for itself is left behind by its program, and collected in the middle of another: what it raises
# then is no part of either.
sys.unraisablehook = lambda _: None

for path in map(pathlib.Path, sys.argv[1:]):
    print(f"== {path.stem}")
    runpy.run_path(str(path))["world"].run()
# What is pending now would only be complained of.
sys.stdout.flush()
os._exit(0)
