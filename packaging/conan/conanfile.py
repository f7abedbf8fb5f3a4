"""Conan 2: `conan create packaging/conan`."""

import re
from pathlib import Path

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

ROOT = Path(__file__).resolve().parents[2]


class FermataConan(ConanFile):
    name = "fermata"
    license = "BSL-1.0"
    description = "Python's iterators, generators, coroutines and asyncio, natively in C++20"
    topics = ("coroutines", "generators", "asyncio", "event-loop", "io-uring")
    package_type = "library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"shared": [True, False], "fPIC": [True, False], "tls": [True, False]}
    default_options = {"shared": False, "fPIC": True, "tls": True}

    def set_version(self):
        text = load(self, ROOT / "CMakeLists.txt")
        self.version = re.search(r"VERSION (\d+\.\d+\.\d+)", text).group(1)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "src/*"):
            copy(self, pattern, src=ROOT, dst=self.export_sources_folder)

    def configure(self):
        if self.options.shared:
            self.options.rm_safe("fPIC")

    def requirements(self):
        self.requires("liburing/[>=2.3]")
        if self.options.tls:
            self.requires("openssl/[>=3.0 <4]")

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["FERMATA_BUILD_TESTS"] = False
        toolchain.cache_variables["FERMATA_BUILD_EXAMPLES"] = False
        toolchain.cache_variables["FERMATA_BUILD_BENCHMARKS"] = False
        toolchain.cache_variables["FERMATA_PYTHON"] = False
        toolchain.cache_variables["FERMATA_TLS"] = bool(self.options.tls)
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", src=self.source_folder, dst=Path(self.package_folder) / "licenses")
        CMake(self).install()

    def package_info(self):
        # The library's own CMake package, not one that Conan makes up.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs.append(str(Path("lib") / "cmake" / "fermata"))
        self.cpp_info.libs = ["fermata_tls", "fermata"] if self.options.tls else ["fermata"]
        self.cpp_info.system_libs = ["pthread"]
