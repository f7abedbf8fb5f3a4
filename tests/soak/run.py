#!/usr/bin/env python3
"""The echo and the HTTP example under load for a long time, with clients that behave and clients that do not: who leaves in the
middle, resets, says half of what it promised, reads nothing, drips, or talks nonsense. What it looks at: is memory flat, are
descriptors given back, is everybody who behaves served, and how long do they wait.

usage: run.py DIRECTORY_OF_EXAMPLES [--seconds 3600] [--clients 60] [--seed 1] [--backends io_uring epoll] [--report FILE]

Ends with 1 and says why if memory or descriptors grow, a well-behaved client is not served, or a server says or does what it should
not; with 77 if a backend is refused here.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLE = 0.25  # seconds
PATIENCE = 30  # seconds, for who behaves


class Server:
    def __init__(self, command, backend):
        self.process = subprocess.Popen(
            [*map(str, command)], env=os.environ | {"FERMATA_BACKEND": backend}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        if not line.startswith("listening on"):
            sys.stderr.write(self.process.communicate()[1])
            sys.exit(77)
        self.port = int(line.rsplit(":", 1)[1])
        self.name = f"{Path(command[0]).name} on {backend}"
        self.proc = Path(f"/proc/{self.process.pid}")

    def resident(self):
        return int((self.proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self):
        return len(os.listdir(self.proc / "fd"))

    def end(self):
        self.process.send_signal(signal.SIGINT)
        try:
            _, errors = self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return "does not end upon ctrl-C"
        return errors if errors else "" if self.process.returncode in (0, 130, -signal.SIGINT) else f"status {self.process.returncode}"


class Tally:
    def __init__(self):
        self.served = 0
        self.misbehaved = {}
        self.waits = []
        self.failures = []

    def count(self, what):
        self.misbehaved[what] = self.misbehaved.get(what, 0) + 1

    def percentile(self, part):
        return sorted(self.waits)[int(part * (len(self.waits) - 1))] * 1e3 if self.waits else float("nan")


async def connect(port):
    return await asyncio.open_connection("127.0.0.1", port)


def reset(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


# Those who behave

async def echo_well(port, chance, tally):
    reader, writer = await connect(port)
    for _ in range(chance.randint(1, 20)):
        sent = chance.randbytes(chance.choice((1, 64, 3000, 60_000)))
        began = time.monotonic()
        writer.write(sent)
        if await reader.readexactly(len(sent)) != sent:
            raise AssertionError("what came back is not what was sent")
        tally.waits.append(time.monotonic() - began)
        tally.served += 1
    writer.write_eof()
    if await reader.read():
        raise AssertionError("more came back than was sent")
    writer.close()


async def http_well(port, chance, tally):
    reader, writer = await connect(port)
    for _ in range(chance.randint(1, 20)):
        name, size = chance.choice((("small", 10), ("page", 5000), ("big", 1_000_000)))
        began = time.monotonic()
        writer.write(f"GET /{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n")[0] or f"content-length: {size}\r\n".encode() not in head.lower():
            raise AssertionError(f"/{name} is answered {head!r}")
        await reader.readexactly(size)
        tally.waits.append(time.monotonic() - began)
        tally.served += 1
    writer.close()


# And those who do not

async def leave_in_the_middle(port, chance, ask):
    reader, writer = await connect(port)
    writer.write(ask[: chance.randrange(len(ask))])
    await asyncio.sleep(chance.random() * 0.02)
    writer.close()


async def reset_it(port, chance, ask):
    reader, writer = await connect(port)
    writer.write(ask)
    await asyncio.sleep(chance.random() * 0.02)
    reset(writer)


async def read_nothing(port, chance, ask):
    reader, writer = await connect(port)
    for _ in range(20):
        writer.write(ask)
    await asyncio.sleep(chance.random())
    reset(writer)


async def drip(port, chance, ask):
    reader, writer = await connect(port)
    for each in ask[: chance.randint(1, 40)]:
        writer.write(bytes([each]))
        await asyncio.sleep(0.01)
    writer.close()


async def say_nothing(port, chance, ask):
    reader, writer = await connect(port)
    await asyncio.sleep(chance.random() * 2)
    writer.close()


async def talk_nonsense(port, chance, ask):
    reader, writer = await connect(port)
    writer.write(chance.randbytes(chance.randint(1, 5000)))
    await asyncio.wait_for(reader.read(100), 1)
    reset(writer)


BAD = (leave_in_the_middle, reset_it, read_nothing, drip, say_nothing, talk_nonsense)


async def client(port, well, ask, chance, until, tally):
    while time.monotonic() < until:
        bad = chance.choice(BAD) if chance.random() < 0.4 else None
        try:
            if bad:
                tally.count(bad.__name__)
                await bad(port, chance, ask)
            else:
                await asyncio.wait_for(well(port, chance, tally), PATIENCE)
        except Exception as error:
            if not bad:
                tally.failures.append(f"{well.__name__}: {error!r}")
                return


async def watch(server, until, samples):
    while time.monotonic() < until:
        samples.append((server.resident(), server.descriptors()))
        await asyncio.sleep(SAMPLE)


async def soak(server, well, ask, options, tally):
    """Gives the samples, and how many descriptors were open before and behind it."""
    before = server.descriptors()
    until = time.monotonic() + options.seconds
    samples = []
    chances = [random.Random(f"{options.seed} {server.name} {each}") for each in range(options.clients)]
    clients = [client(server.port, well, ask, chance, until, tally) for chance in chances]
    await asyncio.gather(watch(server, until, samples), *clients)
    for _ in range(200):  # who was left in the middle is let go soon
        if server.descriptors() <= before:
            break
        await asyncio.sleep(0.1)
    return samples, before, server.descriptors()


def what_is_wrong(samples, before, after, tally, errors):
    wrong = [*tally.failures[:3]]
    if tally.served == 0:
        wrong.append("nobody was served")
    if after > before:
        wrong.append(f"{before} descriptors were open, and {after} are when all have gone")
    # Not from the start: the first clients make it take what it will keep.
    third = len(samples) // 3
    middle, end = (max(size for size, _ in part) for part in (samples[third : 2 * third], samples[2 * third :]))
    if end > middle * 1.1 + (4 << 20):
        wrong.append(f"it had {middle >> 10} KiB in the second third of the time, and {end >> 10} KiB in the last")
    if errors:
        wrong.append(errors)
    return wrong


def run_one(command, backend, well, ask, options):
    server = Server(command, backend)
    tally = Tally()
    began = time.monotonic()
    samples, before, after = asyncio.run(soak(server, well, ask, options, tally))
    wrong = what_is_wrong(samples, before, after, tally, server.end())
    sizes = [size for size, _ in samples]
    result = {
        "method": f"soak: {server.name}",
        "injected": sum(tally.misbehaved.values()),
        "unit": "clients that misbehave",
        "open": len(wrong),
        "seconds": round(time.monotonic() - began),
        "served": tally.served,
        "milliseconds": {f"p{part}": round(tally.percentile(part / 100), 2) for part in (50, 99, 99.9)},
        "resident": {"first": sizes[0], "most": max(sizes), "last": sizes[-1]},
    }
    waits = ", ".join(f"{name} {value} ms" for name, value in result["milliseconds"].items())
    print(f"{server.name}: {tally.served} served beside {result['injected']} who misbehaved; {waits}; "
          f"{sizes[0] >> 10} to {max(sizes) >> 10} KiB, at the end {sizes[-1] >> 10}", flush=True)
    for each in wrong:
        print(f"  {each}", file=sys.stderr)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path)
    parser.add_argument("--seconds", type=float, default=3600, help="of each server on each backend")
    parser.add_argument("--clients", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--backends", nargs="+", default=["io_uring", "epoll"])
    parser.add_argument("--report", type=Path, help="a JSON file for the results")
    options = parser.parse_args()
    # In the background of a shell it would be ignored, and by the servers too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    root = Path(tempfile.mkdtemp())
    for name, size in (("small", 10), ("page", 5000), ("big", 1_000_000)):
        (root / name).write_bytes(b"x" * size)
    try:
        results = []
        for backend in options.backends:
            ask = b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n"
            results += [
                run_one([options.examples / "echo_server"], backend, echo_well, b"x" * 5000, options),
                run_one([options.examples / "http_server", root, "--timeout", "2"], backend, http_well, ask, options),
            ]
    finally:
        shutil.rmtree(root)
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(json.dumps(results, indent=1) + "\n")
    return 1 if any(each["open"] for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
