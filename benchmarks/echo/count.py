#!/usr/bin/env python3
"""What a request costs an echo server, free of the machine's noise: system calls (strace) and instructions outside of the
kernel (valgrind's callgrind), of the loops written by hand and of fermata on both backends.

usage: count.py BUILD [--connections N …] [--size BYTES]

Each server answers few requests and then, started anew, many: the difference is theirs, divided by how many more they were.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from run import servers

WHICH = ("by hand, epoll", "fermata, epoll", "by hand, io_uring", "fermata, io_uring")


def serve(load, tool, end, command, environment, connections, size, requests):
    """Runs the server under the tool, and the load until it has had its answers; then calls end(the tool's process)."""
    server = subprocess.Popen([*tool, *command], env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = server.stdout.readline()
        port = re.search(r"listening on 127\.0\.0\.1:(\d+)", line)
        if not port:
            server.kill()
            sys.exit(f"{command[0]}: {line}{server.communicate()[1]}")
        arguments = [port[1], "--connections", connections, "--size", size, "--requests", requests]
        subprocess.run([load, *map(str, arguments)], check=True, capture_output=True)
        end(server)
    finally:
        server.kill()
        server.communicate()


def instructions(load, *server):
    # It is asked, and not ended: valgrind lets no signal into a wait of io_uring's.
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory, "counted")
        tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        dump = lambda process: subprocess.run(["callgrind_control", "--dump", str(process.pid)], check=True, capture_output=True)
        serve(load, tool, dump, *server)
        return int(re.search(r"^totals: (\d+)", Path(f"{out}.1").read_text(), re.MULTILINE)[1])


def system_calls(load, *server):
    def end(strace):
        children = Path(f"/proc/{strace.pid}/task/{strace.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        strace.wait(timeout=60)

    with tempfile.NamedTemporaryFile("r") as table:
        serve(load, ["strace", "-f", "-c", "-o", table.name], end, *server)
        # The last number of the total is that of errors, where there were some.
        return int(re.search(r"^\s*100\.00\s+\S+\s+(?:\S+\s+)?(\d+)\s+(?:\d+\s+)?total", table.read(), re.MULTILINE)[1])


def per_request(count, load, command, environment, connections, size):
    few, many = 1000 + connections, 21000 + connections
    counts = [count(load, command, environment, connections, size, requests) for requests in (few, many)]
    return (counts[1] - counts[0]) / (many - few)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the build directory")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--size", type=int, default=64)
    chosen = parser.parse_args()
    there = {name: server for name, server in servers(chosen.build).items() if name in WHICH}
    load = chosen.build / "benchmarks/echo/echo_load"
    for connections in chosen.connections:
        print(f"\n{connections} connections, {chosen.size} bytes: a request")
        print(f"{'':20}{'instructions':>13}{'of hand':>9}{'system calls':>13}{'of hand':>9}")
        found = {}
        for name in WHICH:
            if name not in there:
                continue
            command, environment, limit = there[name]
            found[name] = [per_request(count, load, command, environment, connections, chosen.size) for count in (instructions, system_calls)]
            by_hand = found[limit or name]
            row = "".join(f"{here:13.2f}{here / hand:9.3f}" for here, hand in zip(found[name], by_hand))
            print(f"{name:20}{row}", flush=True)


if __name__ == "__main__":
    main()
