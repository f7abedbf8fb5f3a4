"""Counts instructions with valgrind's callgrind: they do not depend on how busy the machine is."""

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from . import sides
from .workloads import COUNTED_ONLY, FERMATA, LIMITS

REPETITIONS = 2
DEPTHS = (1, 1000)  # of yield from
VALGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no", "--toggle-collect=benchmark_repetitions")


def instructions(command):
    """Of a unit, counted in the repetitions only: not to start the program, nor the first time."""
    done = subprocess.run([*VALGRIND, *command, str(REPETITIONS)], capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1]) / json.loads(done.stdout)["units"]


def commands(workloads, of_sides):
    """(side, workload, size) → command, of what is counted and built."""
    wanted = {}
    for workload in workloads:
        if not workload.count:
            continue
        for size in DEPTHS if workload.name == "yield_from" else (workload.count,):
            for side in of_sides:
                called = workload.limit if side in LIMITS else workload.called
                program = sides.command(side, workload.group)
                if called and program:
                    wanted[side, workload.name, size] = [*program, called, str(size)]
    return wanted


def counted_only(side):
    return {(side, name, size): [*sides.command(side, group), name, str(size)] for _, group, name, size in COUNTED_ONLY}


def count_all(wanted, jobs=2):
    """As commands() gives them: key → instructions."""
    with ThreadPoolExecutor(jobs) as pool:
        return dict(zip(wanted, pool.map(instructions, wanted.values())))


def count_workloads(workloads):
    """workload → size → side → instructions."""
    counts = {}
    for (side, name, size), found in count_all(commands(workloads, FERMATA + LIMITS)).items():
        counts.setdefault(name, {}).setdefault(str(size), {})[side] = found
    return counts
