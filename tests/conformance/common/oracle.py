"""What random programs should print: CPython says it, or a trace of it that was recorded."""

import os
import pathlib
import shutil
import subprocess

import trees

OLDEST = (3, 13)  # as in the whole project: the behaviour that fermata has is this version's


def sections(text):
    """The traces in a program's output or in a recorded file, by the heading that stands above each."""
    found, lines = {}, None
    for line in text.splitlines():
        if line.startswith("== "):
            lines = found.setdefault(line.removeprefix("== "), [])
        elif lines is not None:
            lines.append(line)
    return found


class CPython:
    def __init__(self, kind, path, version):
        self.kind, self.path, self.version = kind, path, version

    def __str__(self):
        return f"CPython {self.version} at {self.path}"

    def traces(self, programs, work):
        """By name, for pairs of name and program. The programs are left in `work`, to be run by hand."""
        files = []
        for name, program in programs:
            files.append(work / f"{name}.py")
            files[-1].write_text(self.kind.python_writer.write(program))
        # -W ignore: newer versions warn of return in finally blocks, which is wanted here. -B: two jobs, one directory.
        command = [self.path, "-W", "ignore", "-B", str(self.kind.runtime / "host.py"), *map(str, files)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, [self.kind.runtime, *self.kind.modules]))}
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
        if done.returncode or done.stderr:
            raise RuntimeError(f"the oracle failed on {work}:\n{done.stderr}")
        return sections(done.stdout)


class Recorded:
    """Stands in where there is no CPython: knows the programs of some seeds only."""

    def __init__(self, kind, version, known):
        self.kind, self.version, self.known = kind, version, known

    def __str__(self):
        return f"traces recorded from CPython {self.version}"

    def traces(self, programs, work):
        named = [(name, trees.digest(program)) for name, program in programs]
        return {name: self.known[digest] for name, digest in named if digest in self.known}


def recorded(kind, path):
    """Reads what `record` wrote; None if there is no such file."""
    if not path.exists():
        return None
    text = path.read_text()
    version = text.split("\n", 1)[0].rsplit(" ", 1)[1]
    return Recorded(kind, version, {heading.split()[1]: lines for heading, lines in sections(text).items()})


def record(path, python, programs, traces):
    """Writes the traces: the program's name, and its digest, which says whether this is still the same program."""
    lines = [f"# What the fuzzer's programs print; written by run.py --record. Recorded from CPython {python.version}"]
    for name, program in programs:
        lines.append(f"== {name} {trees.digest(program)}")
        lines += traces[name]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def find(kind):
    """The first CPython that is new enough: $FERMATA_PYTHON, the path, pyenv. None if there is none."""
    candidates = [os.environ.get("FERMATA_PYTHON")]
    candidates += [shutil.which(f"python3.{minor}") for minor in range(13, 20)]
    candidates += [shutil.which("python3")]
    candidates += sorted(map(str, pathlib.Path.home().glob(".pyenv/versions/3.1[3-9]*/bin/python3")))
    for candidate in filter(None, candidates):
        version = _version(candidate)
        if version and tuple(map(int, version.split(".")[:2])) >= OLDEST:
            return CPython(kind, candidate, version)
    if candidates[0]:
        raise SystemExit(f"FERMATA_PYTHON={candidates[0]} is no CPython {'.'.join(map(str, OLDEST))} or newer")
    return None


def _version(path):
    question = "import platform; print(platform.python_implementation(), platform.python_version())"
    try:
        done = subprocess.run([path, "-c", question], capture_output=True, text=True, timeout=60)
    except OSError:
        return None
    # pyenv puts a python3.13 on the path even where no such version is chosen: it fails when called.
    words = done.stdout.split()
    return words[1].rstrip("+") if done.returncode == 0 and words[:1] == ["CPython"] else None
