#!/usr/bin/env python3
"""Unpacks the Debian packages, and uses what is in them as a stranger would.

usage: check.py DIRECTORY_OF_PACKAGES
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CONSUMERS = Path(__file__).resolve().parent.parent / "consumer"
ANSWERS = "42\ncrosses the library's border\n"
# The second one is a copy of the first: another file is another library.
TWO_MODULES = """
import asyncio, importlib.util, sys, stats
spec = importlib.util.spec_from_file_location("stats", sys.argv[1])
other = importlib.util.module_from_spec(spec)
spec.loader.exec_module(other)
assert other.twice is not stats.twice

async def both():
    print(await asyncio.gather(stats.twice(1), other.twice(2)))

asyncio.run(both())
"""


def output_of(*command, **options):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if result.returncode != 0:
        sys.exit(f"$ {' '.join(map(str, command))}\n{result.stdout}{result.stderr}status: {result.returncode}")
    return result.stdout


def expect(what, good):
    print(f"{'ok    ' if good else 'FAILED'} {what}")
    if not good:
        sys.exit(1)


def control_of(package):
    text = output_of("dpkg-deb", "--field", package)
    return dict(re.findall(r"^([A-Za-z-]+): (.*)$", text, re.MULTILINE))


def check_symbols(library):
    names = output_of("nm", "--dynamic", "--defined-only", "--demangle", library).splitlines()
    shown = [line.split(" ", 2)[2] for line in names if " A " not in line]
    strange = [name for name in shown if "fermata::" not in re.split(r"[<(]", name)[0]]
    expect(f"{library.name} shows {len(shown)} symbols, and none but fermata's: {strange[:3]}", len(shown) > 20 and not strange)


def check_hardening(library):
    dynamic = output_of("readelf", "--dynamic", library)
    expect(f"{library.name} binds its symbols at start, read-only", "BIND_NOW" in dynamic or "NOW" in dynamic)
    asked = output_of("nm", "--dynamic", "--undefined-only", library)
    expect(f"{library.name} guards its stack", "__stack_chk_fail" in asked)
    segments = output_of("readelf", "--segments", "--wide", library)
    stack = next(line for line in segments.splitlines() if "GNU_STACK" in line)
    expect(f"{library.name} has no executable stack", " RWE " not in stack and "GNU_RELRO" in segments)


def check_cmake(prefix, work, *options):
    build = work / ("cmake" + "".join(options))
    output_of("cmake", "-S", CONSUMERS / "installed", "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", *options)
    output_of("cmake", "--build", build)
    for program in ("async_consumer", "tls_consumer"):
        needed = output_of("readelf", "--dynamic", build / program)
        shared = re.search(r"libfermata(_tls)?\.so", needed) is not None
        expect(f"{program} {' '.join(options)} is linked as was asked", shared == (not options))
    expect("it runs", output_of(build / "async_consumer") == ANSWERS)


def check_bridge(prefix, work, *options):
    build = work / ("python" + "".join(options))
    interpreter = "/usr/bin/python3"
    output_of("cmake", "-S", CONSUMERS / "python", "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DPython3_EXECUTABLE={interpreter}", *options)
    output_of("cmake", "--build", build)
    output = output_of(interpreter, "-B", CONSUMERS / "python/use.py", env=os.environ | {"PYTHONPATH": str(build)})
    (module,) = build.glob("stats.*.so")
    shared = "libfermata.so" in output_of("readelf", "--dynamic", module)
    expect(f"an extension module {' '.join(options)} is linked as was asked", shared == (not options))
    expect("Python uses it", output == (CONSUMERS / "python/expected.txt").read_text())
    (build / "copy").mkdir()
    copy = shutil.copy(module, build / "copy")
    output = output_of(interpreter, "-B", "-c", TWO_MODULES, copy, env=os.environ | {"PYTHONPATH": str(build)})
    expect("it uses two in one process", output == "[2, 4]\n")


def check_pkg_config(prefix, library_directory, work, *options):
    environment = os.environ | {"PKG_CONFIG_PATH": str(library_directory / "pkgconfig"), "PKG_CONFIG_SYSROOT_DIR": ""}
    flags = output_of("pkg-config", "--cflags", "--libs", *options, "fermata-tls", env=environment).split()
    program = work / ("pkg-config" + "".join(options))
    output_of("g++", "-std=c++20", CONSUMERS / "async.cpp", "-o", program, *flags)
    output = output_of(program, env=os.environ | {"LD_LIBRARY_PATH": str(library_directory)})
    expect(f"pkg-config {' '.join(options)}: {' '.join(flags[1:])}", output == ANSWERS)


def main():
    packages = sorted(Path(sys.argv[1]).glob("*.deb"))
    expect(f"there are five packages: {[package.name for package in packages]}", len(packages) == 5)
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        for package in packages:
            control = control_of(package)
            expect(f"{control['Package']} {control['Version']} depends on {control.get('Depends')}", "Depends" in control)
            output_of("dpkg-deb", "--extract", package, work / "root")
        prefix = work / "root/usr"
        libraries = sorted(prefix.glob("lib/*/libfermata*.so.*.*.*"))
        expect(f"there are three shared libraries, {[library.name for library in libraries]}", len(libraries) == 3)
        for library in libraries:
            check_symbols(library)
            check_hardening(library)
        check_cmake(prefix, work)
        check_cmake(prefix, work, "-Dfermata_USE_STATIC_LIBS=ON")
        check_bridge(prefix, work)
        check_bridge(prefix, work, "-Dfermata_USE_STATIC_LIBS=ON")
        check_pkg_config(prefix, libraries[0].parent, work)


if __name__ == "__main__":
    main()
