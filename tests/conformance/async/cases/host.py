"""Runs the cases that are named, or all: each prints its lines below its heading."""

import sys

import cases
import loop, tasks, scopes, combinators, sync  # noqa: they register their cases

for name in sys.argv[1:] or cases.ALL:
    cases.run(name)
