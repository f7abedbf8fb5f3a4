"""Builds the package with CMake and the pybind11 of the system: nothing is downloaded, `pip install ./python` needs no network.

pip calls these functions (PEP 517). With `--config-settings build-dir=DIR`, a CMake build directory of the project that is
there already is used instead of a temporary one; `--config-settings cmake-args="-D… -D…"` goes to CMake otherwise.
"""

import base64
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME, VERSION = PROJECT["name"], PROJECT["version"]
# In a source distribution the library lies beside this file, in the repository above it.
ROOT = HERE / "library" if (HERE / "library").is_dir() else HERE.parent
TAG = f"cp{sys.version_info[0]}{sys.version_info[1]}"
PLATFORM = sysconfig.get_platform().replace("-", "_").replace(".", "_")


def run(*command):
    print("$", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True)


def build_module(settings):
    """Builds the extension module, and gives its path."""
    given = (settings or {}).get("build-dir")
    build = Path(given) if given else Path(tempfile.mkdtemp(prefix="fermata-"))
    try:
        if not given:
            generator = ["-G", "Ninja"] if shutil.which("ninja") else []
            run("cmake", "-S", ROOT, "-B", build, *generator, "-DCMAKE_BUILD_TYPE=Release", "-DFERMATA_PYTHON_PACKAGE=ON",
                f"-DPython3_EXECUTABLE={sys.executable}", "-DFERMATA_BUILD_TESTS=OFF", "-DFERMATA_BUILD_EXAMPLES=OFF",
                "-DFERMATA_BUILD_BENCHMARKS=OFF", "-DFERMATA_INSTALL=OFF",
                "-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG", *shlex.split((settings or {}).get("cmake-args", "")))  # fmt: skip
        run("cmake", "--build", build, "--target", "fermata_python_module", "--parallel", os.cpu_count() or 1)
        name = "_fermata" + sysconfig.get_config_var("EXT_SUFFIX")
        (module,) = build.rglob(name)
        return name, module.read_bytes()
    finally:
        if not given:
            shutil.rmtree(build)


def metadata():
    return (
        f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\nSummary: {PROJECT['description']}\n"
        f"License: {PROJECT['license']['text']}\nRequires-Python: {PROJECT['requires-python']}\n"
    )


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    """Without it pip would build the wheel to ask for its name."""
    info = f"{NAME}-{VERSION}.dist-info"
    (Path(metadata_directory) / info).mkdir()
    (Path(metadata_directory) / info / "METADATA").write_text(metadata(), encoding="utf-8")
    return info


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    tag = f"{TAG}-{TAG}-{PLATFORM}"
    info = f"{NAME}-{VERSION}.dist-info"
    files = {f"fermata/{path.name}": path.read_bytes() for path in sorted((HERE / "src/fermata").glob("*.py*"))}
    files["fermata/py.typed"] = b""
    name, module = build_module(config_settings)
    files[f"fermata/{name}"] = module
    files[f"{info}/METADATA"] = metadata().encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: fermata\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    record = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(data)}\n")
    files[f"{info}/RECORD"] = ("".join(record) + f"{info}/RECORD,,\n").encode()

    wheel = f"{NAME}-{VERSION}-{tag}.whl"
    with zipfile.ZipFile(Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    """The package, and in library/ what it is built from."""
    top = f"{NAME}-{VERSION}"
    with tempfile.TemporaryDirectory() as directory:
        tree = Path(directory) / top
        without = shutil.ignore_patterns("__pycache__", "library")
        shutil.copytree(HERE, tree, ignore=without)
        for part in ("CMakeLists.txt", "LICENSE", "cmake", "include", "src", "python"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            (tree / "library").mkdir(exist_ok=True)
            copy(ROOT / part, tree / "library" / part)
        (tree / "PKG-INFO").write_text(metadata(), encoding="utf-8")
        with tarfile.open(Path(sdist_directory) / f"{top}.tar.gz", "w:gz") as archive:
            archive.add(tree, top)
    return f"{top}.tar.gz"
