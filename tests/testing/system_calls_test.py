#!/usr/bin/env python3
"""What becomes of programs when a system call fails: each call that they make fails once, as strace has it.

usage: system_calls_test.py [--all] [--report FILE] PROGRAM

Without --all only the first call of each kind fails, and on epoll only the kinds that it alone makes. Prints each failure, and how to repeat it.
"""

import argparse
import errno
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

SKIPPED = 77
LIMIT = 20  # seconds

# The calls that the library makes itself, and what they may end with. Nobody is to hear of those in NOT_HEARD.
ERRORS = {
    "socket": ["EMFILE", "EAFNOSUPPORT"],
    "bind": ["EADDRINUSE"],
    "listen": ["EADDRINUSE"],
    "getsockname": ["ENOBUFS"],
    "setsockopt": ["ENOBUFS"],
    "getsockopt": ["ENOBUFS"],
    "shutdown": ["ENOBUFS"],
    "accept4": ["EMFILE", "ECONNABORTED"],
    "connect": ["ENETUNREACH"],
    "recvfrom": ["ECONNRESET"],
    "sendto": ["EPIPE"],
    "sendmsg": ["ENOBUFS"],
    "recvmsg": ["ENOBUFS"],
    "sendfile": ["EIO"],
    "eventfd2": ["EMFILE"],
    "epoll_create1": ["EMFILE"],
    "epoll_ctl": ["ENOMEM"],
    "epoll_pwait2": ["ENOSYS", "EINTR"],
    "io_uring_setup": ["EMFILE", "ENOMEM"],
    "io_uring_register": ["ENOMEM"],
    "io_uring_enter": ["EINTR", "EAGAIN", "EBUSY"],
    "pipe2": ["EMFILE"],
    "fcntl": ["EMFILE"],
    "openat2": ["EMFILE"],
    "pidfd_open": ["EMFILE"],
    "clone3": ["EAGAIN"],
    "wait4": ["EINTR"],
    "poll": ["EINTR"],
}
NOT_HEARD = {"EINTR", "EAGAIN", "EBUSY", "ENOSYS"}
HEARD_ALL_THE_SAME = {("clone3", "EAGAIN")}


def environment(backend):
    return {**os.environ, "FERMATA_BACKEND": backend}


def calls(program, backend, *arguments):
    """How often it makes each of these calls."""
    log = subprocess.run(
        ["strace", "-qq", "-e", "trace=" + ",".join(ERRORS), "-o", "/dev/stdout", program, *arguments],
        capture_output=True, text=True, timeout=LIMIT, env=environment(backend), check=True,
    ).stdout
    counts = {}
    for line in log.splitlines():
        if match := re.match(r"(\w+)\(", line):
            counts[match[1]] = counts.get(match[1], 0) + 1
    return counts


def run_with(program, backend, call, error, number):
    """What is wrong, or None."""
    heard = error not in NOT_HEARD or (call, error) in HEARD_ALL_THE_SAME
    expected = str(getattr(errno, error)) if heard else "0"
    command = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
               f"inject={call}:error={error}:when={number}", program, expected]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, env=environment(backend))
    except subprocess.TimeoutExpired:
        return f"did not end; FERMATA_BACKEND={backend} {' '.join(command)}"
    if done.returncode == 0:
        return None
    return f"{(done.stdout + done.stderr).strip()} ({done.returncode}); FERMATA_BACKEND={backend} {' '.join(command)}"


def why_not():
    """Why this cannot be done here."""
    if not shutil.which("strace"):
        return "there is no strace (scripts/install-dependencies ci)"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True)
    return f"strace may not trace: {tried.stderr.strip()}" if tried.returncode else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="each call, not only the first")
    parser.add_argument("--report", type=Path, help="a JSON file for the numbers")
    parser.add_argument("--backend", choices=["io_uring", "epoll"], action="append")
    parser.add_argument("program")
    arguments = parser.parse_args()
    if reason := why_not():
        print(f"skipped: {reason}")
        return SKIPPED
    began = time.monotonic()
    injected = 0
    wrong = []
    done = set()
    for backend in arguments.backend or ["io_uring", "epoll"]:
        try:
            before = calls(arguments.program, backend, "nothing")
            during = calls(arguments.program, backend, "0")
        except subprocess.CalledProcessError as e:
            print(f"{backend} cannot be had here: {e.stdout.splitlines()[-1:]}")
            continue
        kinds = during if arguments.all else during.keys() - done
        done |= during.keys()
        for call in sorted(kinds):
            first = before.get(call, 0) + 1
            count = during[call]
            for error in ERRORS[call] if arguments.all else ERRORS[call][:1]:
                for number in range(first, (count if arguments.all else min(first, count)) + 1):
                    injected += 1
                    if problem := run_with(arguments.program, backend, call, error, number):
                        wrong.append(f"{backend}: {call} {number} of {count}, {error}: {problem}")
                        print(wrong[-1], flush=True)
    seconds = round(time.monotonic() - began, 1)
    print(f"{injected} system calls failed in {seconds} s, {len(wrong)} of them with an effect that they should not have")
    if arguments.report:
        arguments.report.parent.mkdir(parents=True, exist_ok=True)
        arguments.report.write_text(json.dumps({
            "method": "every system call fails once", "injected": injected, "unit": "system calls",
            "open": len(wrong), "seconds": seconds}) + "\n")
    return 1 if wrong or injected == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
