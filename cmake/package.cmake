# Debian packages, by CPack: see scripts/package, which installs the shared libraries and the static ones into one set.
set(abi "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME fermata)
set(CPACK_PACKAGE_VENDOR fermata)
set(CPACK_PACKAGE_CONTACT "The fermata developers <fermata@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL fermata_runtime development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_FERMATA_RUNTIME_PACKAGE_NAME libfermata${abi})
set(CPACK_DEBIAN_FERMATA_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_COMPONENT_FERMATA_RUNTIME_DESCRIPTION
    "Python's generators and asyncio, natively in C++20 (shared library)\n Tasks, the event loop, and I/O on io_uring and epoll."
)

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libfermata-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "Python's generators and asyncio, natively in C++20 (development files)\n Headers, static libraries, and what CMake and pkg-config ask for."
)
# The static libraries leave these to be linked.
set(needed "libfermata${abi} (= ${PROJECT_VERSION})" liburing-dev)
if(TARGET fermata::tls)
    list(APPEND CPACK_COMPONENTS_ALL tls_runtime)
    set(CPACK_DEBIAN_TLS_RUNTIME_PACKAGE_NAME libfermata-tls${abi})
    set(CPACK_DEBIAN_TLS_RUNTIME_PACKAGE_SECTION libs)
    set(CPACK_DEBIAN_TLS_RUNTIME_PACKAGE_DEPENDS "libfermata${abi} (= ${PROJECT_VERSION})")
    set(CPACK_COMPONENT_TLS_RUNTIME_DESCRIPTION
        "Python's generators and asyncio, natively in C++20 (TLS)\n TLS streams, with OpenSSL."
    )
    list(APPEND needed "libfermata-tls${abi} (= ${PROJECT_VERSION})" libssl-dev)
endif()
if(TARGET fermata::trace)
    list(APPEND CPACK_COMPONENTS_ALL trace_runtime)
    set(CPACK_DEBIAN_TRACE_RUNTIME_PACKAGE_NAME libfermata-trace${abi})
    set(CPACK_DEBIAN_TRACE_RUNTIME_PACKAGE_SECTION libs)
    set(CPACK_DEBIAN_TRACE_RUNTIME_PACKAGE_DEPENDS "libfermata${abi} (= ${PROJECT_VERSION})")
    set(CPACK_COMPONENT_TRACE_RUNTIME_DESCRIPTION
        "Python's generators and asyncio, natively in C++20 (tracing)\n A recorder of what tasks do, and its timelines."
    )
    list(APPEND needed "libfermata-trace${abi} (= ${PROJECT_VERSION})")
endif()
list(JOIN needed ", " CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
# The bridge's needs are nobody else's: Python's headers are large, and it is for one minor version of Python.
if(TARGET fermata::python)
    list(APPEND CPACK_COMPONENTS_ALL python_development)
    set(CPACK_DEBIAN_PYTHON_DEVELOPMENT_PACKAGE_NAME libfermata-python-dev)
    set(CPACK_DEBIAN_PYTHON_DEVELOPMENT_PACKAGE_SECTION libdevel)
    set(CPACK_DEBIAN_PYTHON_DEVELOPMENT_PACKAGE_DEPENDS
        "libfermata-dev (= ${PROJECT_VERSION}), pybind11-dev (>= ${FERMATA_PYBIND11_VERSION}), pybind11-dev (<< ${FERMATA_PYBIND11_NEXT}~), python3-dev (>= ${FERMATA_PYTHON_VERSION}), python3-dev (<< ${FERMATA_PYTHON_NEXT}~)"
    )
    set(CPACK_COMPONENT_PYTHON_DEVELOPMENT_DESCRIPTION
        "Python's generators and asyncio, natively in C++20 (bridge to Python)\n Headers and a static library for extension modules of Python ${FERMATA_PYTHON_VERSION}, with pybind11."
    )
endif()

include(CPack)
