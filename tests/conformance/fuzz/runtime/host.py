"""Runs the Python programs given as arguments, one after the other, each trace under its heading."""

import pathlib
import runpy
import sys

import support

for path in map(pathlib.Path, sys.argv[1:]):
    support.begin(path.stem)
    runpy.run_path(str(path))["run"]()
    support.finish()
support.leave()
