"""Who is compared: the programs of each side, their versions, and the machine."""

import functools
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .workloads import ASIO, COROUTINE2, CPYTHON, LIBUV, UVLOOP

ROOT = Path(__file__).resolve().parents[2]
PEER_IN_PYTHON = ROOT / "benchmarks/peers/python.py"
PROGRAMS = {
    "fermata, g++": ("release", "fermata"),
    "fermata, clang": ("clang", "fermata"),
    "limit, g++": ("release", "limit"),
    "limit, clang": ("clang", "limit"),
    ASIO: ("release", "asio"),
    COROUTINE2: ("release", "coroutine2"),
    LIBUV: ("release", "libuv"),
}


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


@functools.cache
def python_with(module):
    """An interpreter that has the module, or None."""
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode == 0:
            return python
    return None


@functools.cache
def cpython():
    """CPython 3.13, if there is one; else the one that is there."""
    found = [shutil.which("python3.13"), *sorted(Path.home().glob(".pyenv/versions/3.13*/bin/python3.13"))]
    works = [str(python) for python in found if python and output_of(str(python), "--version")]
    return works[0] if works else sys.executable


def command(side, group):
    """What runs the side's workloads of a group, or None if it is not installed."""
    if side == CPYTHON:
        return [cpython(), str(PEER_IN_PYTHON)]
    if side == UVLOOP:
        python = python_with("uvloop")
        return python and [python, str(PEER_IN_PYTHON), "--uvloop"]
    preset, name = PROGRAMS[side]
    program = ROOT / "build" / preset / "benchmarks" / f"bench_{name}_{group}"
    return [str(program)] if program.exists() else None


def first_line(text):
    return text.splitlines()[0] if text else ""


def macro(header, name):
    path = Path("/usr/include", header)
    found = path.exists() and re.search(rf"^#define {name} +\"?([\w.]+)", path.read_text(encoding="utf-8", errors="replace"), re.M)
    return found[1] if found else ""


def versions():
    """Each side that is there with its version; None: not installed."""
    boost = macro("boost/version.hpp", "BOOST_LIB_VERSION").replace("_", ".")
    libuv = ".".join(macro("uv/version.h", f"UV_VERSION_{part}") for part in ("MAJOR", "MINOR", "PATCH"))
    python = output_of(cpython(), "-c", "import platform; print(platform.python_version())")
    with_uvloop = python_with("uvloop")
    uvloop = with_uvloop and output_of(
        with_uvloop, "-c", "import platform, uvloop; print(uvloop.__version__, 'on CPython', platform.python_version())"
    )
    built = {side: command(side, group) for side, group in ((ASIO, "loop"), (COROUTINE2, "generators"), (LIBUV, "loop"))}
    return {
        "g++": first_line(output_of("g++", "--version")),
        "clang": first_line(output_of("clang++-19", "--version")) or None,
        ASIO: f"Boost {boost}: `awaitable`; generators: experimental `coro`" if built[ASIO] else None,
        COROUTINE2: f"Boost {boost}" if built[COROUTINE2] else None,
        LIBUV: libuv if built[LIBUV] else None,
        CPYTHON: python,
        UVLOOP: uvloop,
    }


def machine():
    cpuinfo = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    name = re.search(r"^model name\s*: (.*)", cpuinfo, re.M)
    family = re.search(r"^cpu family\s*: (.*)", cpuinfo, re.M)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": f"{name[1]}, family {family[1]}" if name and family else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": f"{memory / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        "fermata": output_of("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
    }
