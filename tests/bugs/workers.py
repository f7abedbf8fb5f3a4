"""Copies of the tree, each with a build in which bugs are planted, one after the other."""

import filecmp
import os
import re
import shutil
import signal
import subprocess
import tempfile

from planted import Failure, apply

NOT_COPIED = {"build", ".git", ".cache", "__pycache__"}
CONFIGURE = [
    "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -D_GLIBCXX_ASSERTIONS",
    "-DFERMATA_TEST_PCH=ON", "-DFERMATA_BUILD_EXAMPLES=OFF", "-DFERMATA_BUILD_BENCHMARKS=OFF",
    "-DFERMATA_INSTALL=OFF", "-DFERMATA_PYTHON=OFF",
]


def copy(original, to):
    """Makes the one what the other is. A file that is as it was keeps its time, and is not compiled again."""
    to.mkdir(parents=True, exist_ok=True)
    there = {entry.name for entry in original.iterdir()} - NOT_COPIED
    for entry in to.iterdir():
        if entry.name not in there:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    for name in there:
        one, other = original / name, to / name
        if one.is_dir() and not one.is_symlink():
            copy(one, other)
        elif not other.exists() or not filecmp.cmp(one, other, shallow=False):
            shutil.copyfile(one, other)
            shutil.copymode(one, other)


class Worker:
    def __init__(self, tree, directory, compiler):
        self.tree = tree
        self.source = directory / "source"
        self.changed = []
        self.build = directory / "build"
        self.compiler = compiler
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("FERMATA_")}
        self.environment.update(
            CCACHE_BASEDIR=str(directory), CCACHE_NOHASHDIR="1", CCACHE_SLOPPINESS="pch_defines,time_macros",
            GTEST_FAIL_FAST="1", GTEST_COLOR="no",
        )

    def make(self):
        copy(self.tree, self.source)
        options = [f"-DCMAKE_CXX_COMPILER={self.compiler}"]
        if shutil.which("ccache"):
            options.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
        self.call(["cmake", "-S", self.source, "-B", self.build, *CONFIGURE, *options], "cmake")

    def plant(self, bug):
        self.changed = bug.files
        apply(bug, self.source)

    def restore(self):
        for file in self.changed:
            shutil.copyfile(self.tree / file, self.source / file)
        self.changed = []

    def call(self, command, what):
        done = subprocess.run(
            list(map(str, command)), env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )
        if done.returncode != 0:
            raise Failure(f"{what} failed\n" + "\n".join(done.stdout.splitlines()[-30:]))

    def compile(self, programs):
        self.call(["ninja", "-C", self.build, "-j1", *programs], "the build")

    def run(self, program, limit):
        """Empty if all its tests pass; else which one does not, and how. And whether some were skipped."""
        with tempfile.TemporaryFile() as output:
            running = subprocess.Popen(
                [self.build / "tests" / program], cwd=self.build / "tests", env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )
            try:
                status = running.wait(limit)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                end_group(running)
            output.seek(0)
            text = output.read().decode(errors="replace")
        skipped = "[  SKIPPED ]" in text
        if status == 0:
            return "", skipped
        begun = re.findall(r"^\[ RUN      \] (\S+)", text, re.MULTILINE)
        failed = re.findall(r"^\[  FAILED  \] ([^\s,]+\.[^\s,]+)", text, re.MULTILINE)
        where = failed[0] if failed else begun[-1] if begun else "?"
        if failed:
            return f"{program}: {where}", skipped
        how = f"hangs: stopped after {limit:.0f} s" if status is None else ended(status)
        return f"{program}: {where} ({how})", skipped


def ended(status):
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


def end_group(running):
    try:
        os.killpg(running.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    running.wait()
