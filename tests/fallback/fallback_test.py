"""What a program does where the kernel refuses io_uring, as many containers have it: usage: fallback_test.py PROGRAM."""

import os
import shutil
import subprocess
import sys
import unittest

SKIPPED = 77
program = None

REFUSED = ["strace", "-f", "-o", "/dev/null", "-e", "trace=io_uring_setup", "-e", "inject=io_uring_setup:error=EPERM"]
ALL_IS_WELL = """\
backend: epoll
echo: over TCP
bytes of a file: 3
pipe: through a pipe
pipe without a reader: write to a pipe: Broken pipe
process: 3
"""


def run(*before, backend=None):
    environment = {name: value for name, value in os.environ.items() if name != "FERMATA_BACKEND"}
    if backend:
        environment["FERMATA_BACKEND"] = backend
    done = subprocess.run([*before, program], capture_output=True, text=True, timeout=60, env=environment)
    return done.returncode, done.stdout, done.stderr


class WhereIoUringIsRefused(unittest.TestCase):
    maxDiff = None

    def test_epoll_is_taken_and_all_goes_on(self):
        self.assertEqual(run(*REFUSED), (0, ALL_IS_WELL, ""))

    def test_a_program_that_insists_on_it_is_told_why_it_cannot_have_it(self):
        told = "io_uring, which FERMATA_BACKEND asks for: Operation not permitted\n"
        self.assertEqual(run(*REFUSED, backend="io_uring"), (1, "", told))

    def test_epoll_that_is_asked_for_is_taken(self):
        self.assertEqual(run(*REFUSED, backend="epoll"), (0, ALL_IS_WELL, ""))

    def test_what_there_is_not_cannot_be_asked_for(self):
        told = "FERMATA_BACKEND is 'kqueue': there are 'io_uring' and 'epoll'\n"
        self.assertEqual(run(backend="kqueue"), (1, "", told))


def why_not():
    """Why this cannot be tested here."""
    if not shutil.which("strace"):
        return "there is no strace (scripts/install-dependencies ci)"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True)
    return f"strace may not trace: {tried.stderr.strip()}" if tried.returncode else None


if __name__ == "__main__":
    program = sys.argv.pop(1)
    if reason := why_not():
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    unittest.main()
