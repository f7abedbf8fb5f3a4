# fermata::python: the bridge to Python, with pybind11; a library of its own, so that who needs none links none.
option(FERMATA_PYTHON "Build the bridge to Python" ON)
if(NOT FERMATA_PYTHON OR NOT TARGET fermata::fermata)
    return()
endif()
find_package(Python3 3.11 QUIET COMPONENTS Interpreter Development.Module)
if(Python3_Development.Module_FOUND)
    set(PYBIND11_NOPYTHON ON)  # it would look for another one
    find_package(pybind11 2.10 QUIET CONFIG)
endif()
if(NOT pybind11_FOUND)
    message(
        STATUS
        "fermata: no pybind11 with Python's headers, so fermata::python is left out. scripts/install-dependencies "
        "installs them (Debian: pybind11-dev, python3-dev)"
    )
    return()
endif()

# Python's modules are shared libraries, and what they link has to be position independent: the library once more, where it is
# not that. Only for those who link it.
set(position_independent fermata)
if(NOT BUILD_SHARED_LIBS AND NOT CMAKE_POSITION_INDEPENDENT_CODE)
    set(position_independent fermata_pic)
    add_library(fermata_pic STATIC EXCLUDE_FROM_ALL ${sources})
    set_target_properties(
        fermata_pic
        PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10
    )
    target_link_libraries(
        fermata_pic
        PUBLIC fermata_core Threads::Threads
        PRIVATE $<BUILD_INTERFACE:fermata_warnings> uring
    )
    target_include_directories(fermata_pic SYSTEM PRIVATE ${LIBURING_INCLUDE_DIR})
endif()

file(GLOB python_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/python/*.cpp")
add_library(fermata_python STATIC EXCLUDE_FROM_ALL ${python_sources})
add_library(fermata::python ALIAS fermata_python)
target_sources(
    fermata_python
    PUBLIC
        FILE_SET HEADERS
        BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
        FILES ${python_headers}
)
set_target_properties(
    fermata_python
    PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden UNITY_BUILD OFF
)
target_link_libraries(
    fermata_python
    PUBLIC ${position_independent} pybind11::headers
    PRIVATE $<BUILD_INTERFACE:fermata_warnings>
)
target_include_directories(fermata_python SYSTEM PUBLIC ${Python3_INCLUDE_DIRS})
# A debug build of Python counts all references. g++ takes Debian's headers of it for the others that they are links to.
execute_process(
    COMMAND "${Python3_EXECUTABLE}" -c "import sysconfig; print(sysconfig.get_config_var('Py_DEBUG') or 0)"
    OUTPUT_VARIABLE python_debug
    OUTPUT_STRIP_TRAILING_WHITESPACE
)
if(python_debug)
    target_compile_definitions(fermata_python PUBLIC Py_DEBUG=1)
endif()

option(FERMATA_PYTHON_PACKAGE "Build the module of the Python package, and its examples" ${FERMATA_BUILD_TESTS})
