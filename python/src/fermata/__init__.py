"""Generators and asyncio tasks that are written in C++, and behave as Python's own do.

Write your own: docs/python.md of the C++ library fermata says how. Here are a few that are ready.
"""

from fermata._fermata import averager, coroutine, generator, lines, sleep

__all__ = ["averager", "coroutine", "generator", "lines", "sleep"]
