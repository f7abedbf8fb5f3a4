"""Runs the sides of each workload in turn, round by round, so that what else the machine does hits all of them."""

import contextlib
import json
import os
import subprocess
import time

from . import sides
from .workloads import COMPILERS, CPYTHON, LIMITS, FERMATA, UVLOOP

SECONDS_FOR_A_SIDE = 10  # of a workload at one size: then what it has done has to do
ROUNDS_OF_GROWTH = 3  # at the sizes that are only plotted


class Failed(Exception):
    pass


@contextlib.contextmanager
def pinned():
    """This program's children run on its last core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def run(command, timeout=600):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: {done.stderr.strip()[-300:] or f'ended with {done.returncode}'}")
    return json.loads(done.stdout)


def contestants(workload, size):
    """side → command, of those that are installed. Other limits are sides by their own names."""
    row = size in workload.rows
    wanted = {}
    for side in FERMATA:
        wanted[side] = (side, workload.called)
    if workload.limit:
        for side in LIMITS:
            wanted[side] = (side, workload.limit)
        for name, limit in workload.other_limits if row else ():
            wanted[name] = (LIMITS[0], limit)
    for side in workload.peers if row else ():
        if side not in (CPYTHON, UVLOOP) or size <= workload.up_to:
            wanted[side] = (side, workload.called)
    if not row:
        wanted = {name: found for name, found in wanted.items() if COMPILERS[1] not in name}
    there = {}
    for name, (side, called) in wanted.items():
        command = sides.command(side, workload.group)
        if command:
            there[name] = [*command, called, str(size), *(["once"] if workload.once else [])]
    return there


def measure(workload, size, rounds, say):
    """side → {"ns": […], "bytes": […]}, a value for each round; and where one failed {"failed": why}."""
    there = contestants(workload, size)
    results = {name: {"ns": [], "bytes": []} for name in there}
    spent = dict.fromkeys(there, 0.0)
    if size not in workload.rows:
        rounds = min(rounds, ROUNDS_OF_GROWTH)
    for _ in range(rounds):
        for name, command in there.items():
            if "failed" in results[name] or spent[name] > SECONDS_FOR_A_SIDE:
                continue
            start = time.monotonic()
            try:
                cost = run(command)
            except (Failed, subprocess.TimeoutExpired) as failure:
                say(f"{name}: {failure}")
                results[name]["failed"] = str(failure)
                continue
            spent[name] += time.monotonic() - start
            results[name]["ns"].append(cost["ns"])
            if workload.limit_keeps or name not in LIMITS:
                results[name]["bytes"].append(cost["bytes"] / size)
    return results


def measure_all(workloads, rounds, quick, say):
    """workload → size → side → what measure() gives; quick: the first row of each only."""
    measured = {}
    with pinned():
        for workload in workloads:
            for size in workload.rows[:1] if quick else workload.sizes:
                say(f"{workload.name} {size}")
                measured.setdefault(workload.name, {})[str(size)] = measure(workload, size, rounds, say)
    return measured


def measure_echo(build, quick, say):
    """The table of benchmarks/echo/run.py, or why there is none."""
    script = sides.ROOT / "benchmarks/echo/run.py"
    if "--json" not in sides.output_of(str(script), "--help"):
        return "benchmarks/echo/run.py cannot write JSON (`--json`): skipped"
    say("echo servers")
    file = build / "bench/echo.json"
    file.unlink(missing_ok=True)
    arguments = ["--rounds", "1", "--seconds", "0.3"] if quick else ["--rounds", "3", "--seconds", "1"]
    done = subprocess.run([str(script), str(build / "release"), "--json", str(file), *arguments], stdout=subprocess.DEVNULL, check=False)
    if done.returncode != 0 or not file.exists():
        return f"benchmarks/echo/run.py failed ({done.returncode})"
    return json.loads(file.read_text(encoding="utf-8"))
