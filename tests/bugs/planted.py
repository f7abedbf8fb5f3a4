"""The bugs: what their files say, and how one is put into a tree."""

import dataclasses
import re
import subprocess
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
MOST_LINES = 5


class Failure(Exception):
    """Something that is wrong with a bug, or with the machine: said in one line or more."""


@dataclasses.dataclass
class Bug:
    name: str
    text: str  # of its file: patch passes over what stands before the diff
    sentence: str
    programs: list
    needs: str
    files: list


def read(path):
    text = path.read_text(encoding="utf-8")
    head, found, diff = text.partition("\n--- a/")
    if not found:
        raise Failure("there is no diff in it (a line that begins with --- a/)")
    lines = [line.strip() for line in head.splitlines()]
    fields = dict(line.split(": ", 1) for line in lines if re.match(r"(Caught-by|Needs): ", line))
    sentence = " ".join(line for line in lines if line and not re.match(r"[A-Z][a-z-]+: ", line))
    if not sentence.endswith("."):
        raise Failure("it does not begin with a sentence that says what goes wrong")
    if not fields.get("Caught-by"):
        raise Failure("it has no line `Caught-by: <test programs>`")
    programs = fields["Caught-by"].split()
    for program in programs:
        if not sources_of(program, TREE):
            raise Failure(f"Caught-by: there is no tests/*/{program}.cpp")
    if fields.get("Needs", "io_uring") != "io_uring":
        raise Failure("Needs: what can be needed is io_uring")
    return Bug(path.stem, text, sentence, programs, fields.get("Needs", ""), files_of("--- a/" + diff))


def sources_of(program, tree):
    """Where two layers have a test of the same name, the program of one has the layer in front."""
    tests = sorted((tree / "tests").glob("*/*_test.cpp"))
    return [test for test in tests if program in (test.stem, f"{test.parent.name}_{test.stem}")]


def files_of(diff):
    lines = diff.splitlines()
    files = [line[6:] for line in lines if line.startswith("+++ b/")]
    for file in files:
        if not file.startswith(("src/", "include/")):
            raise Failure(f"it changes {file}: a bug is planted in src/ or include/")
    for sign in "+-":
        many = sum(line.startswith(sign) and not line.startswith(sign * 3) for line in lines)
        if many > MOST_LINES:
            raise Failure(f"it has {many} lines with {sign}: at most {MOST_LINES}, a bug is small")
    return files


def apply(bug, tree, *options):
    # Where the lines next to a bug have changed, somebody has to look at it again.
    command = ["patch", "-p1", "--forward", "--batch", "--fuzz=1", "--no-backup-if-mismatch", "--reject-file=-", *options]
    done = subprocess.run(command, cwd=tree, input=bug.text, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise Failure("\n".join(line for line in done.stdout.splitlines() if not line.startswith(("|", "checking"))))


def read_all(paths, and_try):
    """Raises Failure with all that is wrong with any; if they are to be tried, also where one does not apply."""
    bugs, problems = [], []
    for path in paths:
        try:
            bugs.append(read(path))
            if and_try:
                apply(bugs[-1], TREE, "--dry-run")
        except Failure as problem:
            problems.append(f"{path.relative_to(TREE)}: {problem}")
    if problems:
        raise Failure("\n".join(problems))
    return bugs
