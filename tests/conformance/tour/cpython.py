"""Finds the judge: a CPython that is new enough."""

import glob
import os
import shutil
import subprocess

OLDEST = (3, 13)  # as in the whole project: the behaviour that fermata has is this version's


class CPython:
    def __init__(self, path, version):
        self.path, self.version = path, version

    def __str__(self):
        return f"CPython {self.version} at {self.path}"

    def run(self, script):
        """What a script prints. It must not fail."""
        done = subprocess.run([self.path, "-B", script], capture_output=True, text=True, timeout=60, check=False)
        if done.returncode or done.stderr:
            raise RuntimeError(f"{script} fails on {self}:\n{done.stderr}")
        return done.stdout.splitlines()


def identify(path):
    """The CPython at a path, however old; None where there is none."""
    question = "import platform; print(platform.python_implementation(), platform.python_version())"
    try:
        done = subprocess.run([path, "-c", question], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return None
    # pyenv has a python3.13 on the path even where that version is not chosen: it fails when it is called.
    words = done.stdout.split()
    if done.returncode != 0 or words[:1] != ["CPython"]:
        return None
    return CPython(path, words[1])


def is_new_enough(python):
    return python is not None and tuple(map(int, python.version.split(".")[:2])) >= OLDEST


def find():
    """$FERMATA_PYTHON, or the first on the path or among pyenv's that is new enough; None where there is none."""
    if chosen := os.environ.get("FERMATA_PYTHON"):
        if not is_new_enough(python := identify(chosen)):
            raise SystemExit(f"FERMATA_PYTHON={chosen} is no CPython {'.'.join(map(str, OLDEST))} or newer")
        return python
    candidates = [shutil.which(name) for name in ("python3.13", "python3.14", "python3")]
    candidates += sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.1[3-9]*/bin/python3")))
    return next(filter(is_new_enough, map(identify, filter(None, candidates))), None)
