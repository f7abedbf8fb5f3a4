"""Compiles programs, several in one file, and runs them."""

import pathlib
import shlex
import subprocess
import threading
import time

import oracle

INCLUDE = pathlib.Path(__file__).resolve().parents[3] / "include"
LONGEST_RUN = 120  # seconds


class Compiler:
    def __init__(self, kind, command, flags, include=INCLUDE):
        self.kind = kind
        self.command = [*shlex.split(command), "-std=c++20", "-w", f"-I{include}", f"-I{kind.runtime}",
                        *shlex.split(flags)]
        self.linked = []    # further files that the programs are made of: compiled code
        self.seconds = 0.0  # spent in compilers
        self.lock = threading.Lock()

    def traces(self, programs, work, stem):
        """What the programs print in C++, by name. Where one crashes or does not compile, the last line says so."""
        binary, errors = self.build(programs, work, stem)
        if binary is None:
            if len(programs) == 1:
                return {programs[0][0]: ["does not compile: " + first_error(errors)]}
            return self.each(programs, work)
        status, output, errors = run([str(binary)])
        if status == 0 and not errors:
            return oracle.sections(output)
        if len(programs) == 1:
            lines = oracle.sections(output).get(programs[0][0], [])
            return {programs[0][0]: lines + [f"ends with status {status}", *errors.splitlines()]}
        # One of them failed, and took the others with it, or left a report at the end: each alone tells which.
        return self.each_alone(binary, programs)

    def each(self, programs, work):
        found = {}
        for program in programs:
            found |= self.traces([program], work, program[0])
        return found

    def each_alone(self, binary, programs):
        found = {}
        for name, _ in programs:
            status, output, errors = run([str(binary), name])
            found[name] = oracle.sections(output).get(name, [])
            if status or errors:
                found[name] += [f"ends with status {status}", *errors.splitlines()]
        return found

    def build(self, programs, work, stem):
        source, binary = work / f"{stem}.cpp", work / stem
        source.write_text(self.kind.cpp_writer.translation_unit(programs))
        done = self.compile("-o", str(binary), str(source), *map(str, self.linked))
        return (binary, "") if done.returncode == 0 else (None, done.stderr)

    def compile(self, *arguments):
        start = time.monotonic()
        done = subprocess.run([*self.command, *arguments], capture_output=True, text=True)
        with self.lock:
            self.seconds += time.monotonic() - start
        return done


def run(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=LONGEST_RUN)
    except subprocess.TimeoutExpired as expired:
        output = (expired.stdout or b"").decode(errors="replace")
        return "timeout", output, f"did not end within {LONGEST_RUN} seconds"
    return done.returncode, done.stdout, done.stderr


def first_error(text):
    errors = [line for line in text.splitlines() if "error" in line]
    return errors[0] if errors else text.strip()[:200]
