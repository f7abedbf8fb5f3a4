#!/usr/bin/env python3
"""Builds a wheel from a source distribution of the Python package, far from the repository and without a network, and uses it.

usage: sdist.py SDIST

Not optimised: what is asked is whether all is there.
"""

import os
import sys
import tarfile
import tempfile
from pathlib import Path

from check import expect, output_of

PROGRAM = """
import asyncio, fermata
average = fermata.averager()
next(average)
print(average.send(10), average.send(20), asyncio.run(fermata.sleep(0)), fermata.__file__)
"""


def main():
    sdist = Path(sys.argv[1]).resolve()
    python = "/usr/bin/python3"
    nowhere = "http://127.0.0.1:9"  # whoever asks the net for something is refused
    environment = os.environ | {name: nowhere for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")}
    environment.pop("PYTHONPATH", None)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir"]
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        with tarfile.open(sdist) as archive:
            names = archive.getnames()
            archive.extractall(work)
        top = sdist.name.removesuffix(".tar.gz")
        expect(f"{sdist.name} has one directory, {top}", {name.split("/")[0] for name in names} == {top})
        expect("it says what it is", {f"{top}/PKG-INFO", f"{top}/pyproject.toml"} <= set(names))
        strange = [name for name in names if "__pycache__" in name or "/build/" in name]
        expect(f"it has nothing that was built: {strange[:3]}", not strange)
        options = "cmake-args=-DCMAKE_CXX_FLAGS_RELEASE=-O0"
        output_of(*pip, "wheel", "--no-index", "--no-deps", "--config-settings", options, "--wheel-dir", work / "wheels", work / top,
                  cwd=work, env=environment)  # fmt: skip
        wheels = list((work / "wheels").glob("*.whl"))
        expect(f"a wheel is built of it: {[wheel.name for wheel in wheels]}", len(wheels) == 1)
        output_of(*pip, "install", "--no-index", "--no-deps", "--target", work / "installed", wheels[0], cwd=work, env=environment)
        said = output_of(python, "-B", "-c", PROGRAM, cwd=work, env=environment | {"PYTHONPATH": str(work / "installed")}).split()
        expect(f"it is imported, and works: {' '.join(said)}", said[:3] == ["10.0", "15.0", "None"])
        expect("and is the one that was installed", Path(said[3]).is_relative_to(work / "installed"))


if __name__ == "__main__":
    main()
