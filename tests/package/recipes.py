#!/usr/bin/env python3
"""The recipes of other packagers name the version and the options that CMakeLists.txt has.

usage: recipes.py [ROOT]
"""

import json
import re
import sys
from pathlib import Path


def faults(root: Path):
    cmake = "".join(path.read_text() for path in [root / "CMakeLists.txt", *sorted((root / "cmake").glob("*.cmake"))])
    version = re.search(r"\bVERSION (\d+\.\d+\.\d+)", cmake).group(1)
    options = set(re.findall(r"^ *option\((FERMATA_\w+)", cmake, re.MULTILINE))
    port = json.loads((root / "packaging/vcpkg/fermata/vcpkg.json").read_text())
    if port["version-semver"] != version:
        yield f"vcpkg.json is of version {port['version-semver']}, CMakeLists.txt of {version}"
    if f"## [{version}]" not in (root / "CHANGELOG.md").read_text():
        yield f"CHANGELOG.md says nothing of version {version}"
    for recipe in ("packaging/conan/conanfile.py", "packaging/vcpkg/fermata/portfile.cmake"):
        text = (root / recipe).read_text()
        for option in sorted(set(re.findall(r"FERMATA_\w+", text)) - options):
            yield f"{recipe} sets {option}, which is no option of CMakeLists.txt"
        for left_out in ("TESTS", "EXAMPLES", "BENCHMARKS"):
            if f"FERMATA_BUILD_{left_out}" not in text:
                yield f"{recipe} would build the {left_out.lower()}"
    compile((root / "packaging/conan/conanfile.py").read_text(), "conanfile.py", "exec")


def main():
    found = list(faults(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]))
    print("\n".join(found) or "the recipes are right")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
