"""What came of each bug, and whether that still holds."""

import dataclasses
import hashlib
import json
import subprocess
import threading

from planted import sources_of
from workers import CONFIGURE


@dataclasses.dataclass
class Outcome:
    kind: str  # caught, SURVIVED, does not apply, does not build, cannot be tried
    text: str = ""

    def __str__(self):
        return f"{self.kind} {self.text}" if self.kind == "caught" else f"{self.kind}: {self.text}".rstrip(": ")


# What a result depends on: is it as it was, the result is still good.


class Digests:
    def __init__(self, tree, compiler):
        self.tree = tree
        version = subprocess.run([compiler, "--version"], capture_output=True, check=True).stdout
        parts = ["CMakeLists.txt", "cmake/*", "include/**/*", "src/**/*", "tests/CMakeLists.txt", "tests/*/*.hpp"]
        files = [file for part in parts for file in sorted(tree.glob(part)) if file.is_file()]
        files += [file for file in sorted(tree.glob("tests/*/*.cpp")) if not file.stem.endswith("_test")]
        self.of_all = self.of(files) + hashlib.sha256(version + repr(CONFIGURE).encode()).hexdigest()

    def of(self, files):
        digest = hashlib.sha256()
        for file in files:
            digest.update(str(file.relative_to(self.tree)).encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()

    def of_program(self, program):
        return self.of_all + self.of(sources_of(program, self.tree))

    def of_bug(self, bug):
        parts = bug.text + "".join(map(self.of_program, bug.programs))
        return hashlib.sha256(parts.encode()).hexdigest()


class Results:
    """Kept after each one, so that a run that is broken off goes on where it was."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        try:
            self.kept = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.kept = {}

    def get(self, name, digest):
        kept = self.kept.get(name)
        # What depends on more than the sources is tried again.
        lasts = kept and kept["digest"] == digest and kept["kind"] not in ("fails", "cannot be tried", "does not build")
        return kept if lasts else None

    def put(self, name, digest, outcome, seconds):
        with self.lock:
            self.kept[name] = {"digest": digest, "kind": outcome.kind, "text": outcome.text, "seconds": round(seconds, 2)}
            beside = self.path.with_suffix(".new")
            beside.write_text(json.dumps(self.kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")
            beside.replace(self.path)
