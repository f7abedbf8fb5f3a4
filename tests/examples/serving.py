"""Runs an example that serves, for its tests: `serving.main()` in place of unittest's, with the program as the first
argument. Where the kernel refuses the backend that FERMATA_BACKEND names, or a client that the tests need is not installed, they
are skipped (77)."""

import re
import shutil
import signal
import subprocess
import sys
import unittest

SKIPPED = 77
INTERRUPTED = 130
program = None


class Server:
    """`with Server() as s:` has it listening on `s.port`; it must end well when it is interrupted."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __enter__(self):
        self.process = subprocess.Popen([program, *self.arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
        if not found:
            self.process.kill()
            raise AssertionError(f"said {line!r}, and {self.process.communicate()[1]!r}")
        self.port = int(found[1])
        return self

    def __exit__(self, *raised):
        self.process.send_signal(signal.SIGINT)
        _, self.errors = self.process.communicate(timeout=20)
        if self.process.returncode != INTERRUPTED and not any(raised):
            raise AssertionError(f"ended with {self.process.returncode}, and said {self.errors!r}")


def run(*arguments, **options):
    """The program, one that ends by itself."""
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, **options)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def skip_without(*clients):
    for client in clients:
        if not shutil.which(client):
            skip(f"{client} is not installed")


def skip_where_the_backend_is_refused(errors):
    if "io_uring, which FERMATA_BACKEND asks for" in errors:
        skip(errors)


def main_of_command(trial, clients=()):
    """`main()` for a program that serves nobody; `trial()` has it do some I/O, and gives what it says on stderr."""
    global program
    program = sys.argv.pop(1)
    skip_without(*clients)
    skip_where_the_backend_is_refused(trial())
    unittest.main()


def main(*arguments, clients=()):
    """arguments: what the program needs besides."""
    global program
    program = sys.argv.pop(1)
    skip_without(*clients)
    first = subprocess.run([program, *arguments, "--port", "99999"], capture_output=True, text=True)
    if first.returncode == 0:
        sys.exit(f"{program} takes a port that cannot be")
    probe = Server(*arguments)
    try:
        with probe:
            pass
    except AssertionError as error:
        skip_where_the_backend_is_refused(str(error))
        raise
    unittest.main()
