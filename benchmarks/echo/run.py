#!/usr/bin/env python3
"""Echo servers, side by side: each in turn, again and again, so that what else the machine does hits all of them.

usage: run.py BUILD [--connections N …] [--size BYTES …] [--rounds N] [--seconds S] [--json FILE]

The servers run on one core, the load on another. For each: the median over the rounds of the requests a second, of the server's
CPU time a request, and of both the ratio to the loop written by hand on the same interface of the kernel.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVER_CORE, LOAD_CORE = (sorted(os.sched_getaffinity(0)) * 2)[:2]


def python_with(module):
    for python in ("/usr/bin/python3", sys.executable):
        if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0:
            return python
    return None


def servers(build):
    """name → (command, environment, the loop by hand to compare with)."""
    examples, benchmarks = build / "examples", build / "benchmarks/echo"
    asyncio_echo = str(HERE / "peer_asyncio.py")
    found = {
        "by hand, epoll": ([benchmarks / "echo_raw_epoll"], {}, None),
        "by hand, io_uring": ([benchmarks / "echo_raw_uring"], {}, None),
        "fermata, epoll": ([examples / "echo_server"], {"FERMATA_BACKEND": "epoll"}, "by hand, epoll"),
        "fermata, io_uring": ([examples / "echo_server"], {"FERMATA_BACKEND": "io_uring"}, "by hand, io_uring"),
        "Asio": ([benchmarks / "echo_peer_asio"], {}, "by hand, epoll"),
        "libuv": ([benchmarks / "echo_peer_libuv"], {}, "by hand, epoll"),
        "asyncio": ([sys.executable, asyncio_echo], {}, "by hand, epoll"),
        "uvloop": ([python_with("uvloop"), asyncio_echo, "--uvloop"], {}, "by hand, epoll"),
        "uvloop, protocol": ([python_with("uvloop"), asyncio_echo, "--uvloop", "--protocol"], {}, "by hand, epoll"),
    }
    there = {}
    for name, (command, environment, limit) in found.items():
        if command[0] and shutil.which(str(command[0])):
            there[name] = ([str(word) for word in command], environment, limit)
        else:
            print(f"{name}: not here")
    return there


def measure(load, command, environment, connections, size, seconds):
    server = subprocess.Popen(
        ["taskset", "-c", str(SERVER_CORE), *command], env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        line = server.stdout.readline()
        port = re.search(r"listening on 127\.0\.0\.1:(\d+)", line)
        if not port:
            server.kill()
            return line + server.communicate()[1]
        arguments = [port[1], "--connections", connections, "--size", size, "--seconds", seconds, "--server", server.pid]
        done = subprocess.run(["taskset", "-c", str(LOAD_CORE), load, *map(str, arguments)], capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr
    finally:
        server.kill()
        server.communicate()


def compare(load, there, connections, size, rounds, seconds):
    results = {name: [] for name in there}
    for _ in range(rounds):
        for name, (command, environment, _) in there.items():
            result = measure(load, command, environment, connections, size, seconds)
            if isinstance(result, str):
                sys.exit(f"{name}: {result}")
            results[name].append(result)
    median = {
        name: {key: statistics.median(each[key] for each in rounds) for key in rounds[0]} for name, rounds in results.items()
    }
    rows = []
    print(f"\n{connections} connections, {size} bytes, {rounds} rounds of {seconds} s")
    print(f"{'':20}{'requests/s':>12}{'of hand':>9}{'CPU us':>9}{'of hand':>9}{'p50 us':>9}{'p99 us':>9}")
    for name, (_, _, limit) in there.items():
        here, by_hand = median[name], median[limit or name]
        print(
            f"{name:20}{here['per_second']:12.0f}{here['per_second'] / by_hand['per_second']:9.3f}"
            f"{here['cpu_us']:9.2f}{here['cpu_us'] / by_hand['cpu_us']:9.3f}{here['p50_us']:9.1f}{here['p99_us']:9.1f}"
        )
        of = {"server": name, "connections": connections, "size": size}
        rows.append(of | {"requests_per_second": here["per_second"], "cpu_us": here["cpu_us"], "ratio": here["cpu_us"] / by_hand["cpu_us"]})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the build directory")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 50, 1000])
    parser.add_argument("--size", type=int, nargs="+", default=[64])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--json", type=Path, help="where to write it, too; the ratio is that of the CPU time")
    chosen = parser.parse_args()
    there = servers(chosen.build)
    load = chosen.build / "benchmarks/echo/echo_load"
    rows = []
    for connections in chosen.connections:
        for size in chosen.size:
            rows += compare(load, there, connections, size, chosen.rounds, chosen.seconds)
            if chosen.json:
                chosen.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
