#!/usr/bin/env python3
"""The HTTP server of the examples beside nginx with one worker: the same files, asked for by wrk, each server in turn, again and
again.

usage: run.py BUILD [--connections N] [--rounds N] [--seconds S] [--json FILE]

Medians of the requests a second, and of their ratio to nginx's in the same round.
"""

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SERVER_CORE, LOAD_CORE = (sorted(os.sched_getaffinity(0)) * 2)[:2]
FILES = {"1 KiB": ("small", 1024), "1 MiB": ("large", 1024 * 1024)}
NGINX = """
daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
    client_body_temp_path {directory}/t1; proxy_temp_path {directory}/t2; fastcgi_temp_path {directory}/t3;
    uwsgi_temp_path {directory}/t4; scgi_temp_path {directory}/t5;
    server {{ listen 127.0.0.1:{port}; root {directory}/files; }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
    sys.exit("the server does not listen")


def nginx(directory, port):
    config = directory / "nginx.conf"
    config.write_text(NGINX.format(directory=directory, port=port))
    return [shutil.which("nginx") or "/usr/sbin/nginx", "-c", config, "-p", directory], {}


def fermata(build, backend):
    return lambda directory, port: ([build / "examples/http_server", "--port", str(port), directory / "files"], {"FERMATA_BACKEND": backend})


def measure(start, directory, name, connections, seconds):
    port = free_port()
    command, environment = start(directory, port)
    server = subprocess.Popen(["taskset", "-c", str(SERVER_CORE), *command], env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        load = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", f"http://127.0.0.1:{port}/{name}"]
        report = subprocess.run(load, check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in report or "Socket errors" in report:
            sys.exit(f"{command[0]}: {report}")
        return float(re.search(r"Requests/sec:\s+([\d.]+)", report)[1])
    finally:
        server.terminate()
        server.wait()


def compare(there, directory, name, chosen):
    rounds = [{who: measure(start, directory, name, chosen.connections, chosen.seconds) for who, start in there.items()} for _ in range(chosen.rounds)]
    for who in there:
        ratio = statistics.median(each[who] / each["nginx"] for each in rounds)
        yield who, statistics.median(each[who] for each in rounds), ratio


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the build directory")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to write it, too")
    chosen = parser.parse_args()
    there = {"nginx": nginx} | {f"fermata, {backend}": fermata(chosen.build, backend) for backend in ("epoll", "io_uring")}
    rows = []
    with tempfile.TemporaryDirectory() as made:
        directory = Path(made)
        directory.chmod(0o755)
        (directory / "files").mkdir()
        for title, (name, size) in FILES.items():
            (directory / "files" / name).write_bytes(os.urandom(size))
            print(f"\n{title}, {chosen.connections} connections: requests/s, of nginx")
            for who, per_second, ratio in compare(there, directory, name, chosen):
                print(f"{who:20}{per_second:12.0f}{ratio:9.3f}", flush=True)
                rows.append({"server": who, "size": size, "requests_per_second": per_second, "ratio": ratio})
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
