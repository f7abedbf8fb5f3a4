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

# Where nothing is installed, what nobody links is not built.
set(unless_linked EXCLUDE_FROM_ALL)
if(FERMATA_INSTALL)
    set(unless_linked "")
endif()

# Python's modules are shared libraries, and what they link has to be position independent: the library once more, where it is
# not that.
set(position_independent fermata)
if(NOT BUILD_SHARED_LIBS AND NOT CMAKE_POSITION_INDEPENDENT_CODE)
    set(position_independent fermata_pic)
    add_library(fermata_pic STATIC ${unless_linked} ${sources})
    set_target_properties(
        fermata_pic
        PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10
    )
    target_compile_definitions(fermata_pic PUBLIC FERMATA_DETAIL_OWN_LIBRARY)
    target_link_libraries(
        fermata_pic
        PUBLIC fermata_core Threads::Threads
        PRIVATE $<BUILD_INTERFACE:fermata_warnings> uring
    )
    target_include_directories(fermata_pic SYSTEM PRIVATE ${LIBURING_INCLUDE_DIR})
endif()

file(GLOB python_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/python/*.cpp")
add_library(fermata_python STATIC ${unless_linked} ${python_sources})
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
# pybind11's headers take two thirds of the time otherwise.
target_precompile_headers(fermata_python PRIVATE <fermata/async.hpp> <fermata/python/errors.hpp>)
# Here the directories: a project above this one does not see the targets that were found here.
target_include_directories(
    fermata_python
    SYSTEM
    PUBLIC "$<BUILD_INTERFACE:${Python3_INCLUDE_DIRS};${pybind11_INCLUDE_DIR}>"
)
target_link_libraries(
    fermata_python
    PUBLIC ${position_independent} $<INSTALL_INTERFACE:Python3::Module> $<INSTALL_INTERFACE:pybind11::headers>
    PRIVATE $<BUILD_INTERFACE:fermata_warnings>
)
# A debug build of Python counts all references. g++ takes Debian's headers of it for the others that they are links to.
execute_process(
    COMMAND "${Python3_EXECUTABLE}" -c "import sysconfig; print(sysconfig.get_config_var('Py_DEBUG') or 0)"
    OUTPUT_VARIABLE python_debug
    OUTPUT_STRIP_TRAILING_WHITESPACE
)
if(python_debug)
    target_compile_definitions(fermata_python PUBLIC Py_DEBUG=1)
endif()

if(FERMATA_INSTALL)
    set(pic "")
    if(TARGET fermata_pic)
        set(pic WITH fermata_pic)
    endif()
    fermata_install_component(python TARGET fermata_python HEADERS DEVELOPMENT python_development ${pic})
    # It is bound to what it was compiled with: Python's interface is that of one minor version, and so is pybind11's.
    string(REGEX MATCH "^[0-9]+\\.[0-9]+" FERMATA_PYTHON_VERSION "${Python3_VERSION}")
    string(REGEX MATCH "^[0-9]+\\.[0-9]+" FERMATA_PYBIND11_VERSION "${pybind11_VERSION}")
    foreach(name IN ITEMS PYTHON PYBIND11)
        string(REPLACE "." ";" parts "${FERMATA_${name}_VERSION}")
        list(GET parts 0 major)
        list(GET parts 1 minor)
        math(EXPR minor "${minor} + 1")
        set(FERMATA_${name}_NEXT "${major}.${minor}")
    endforeach()
    configure_file(
        "${PROJECT_SOURCE_DIR}/cmake/fermata-python-needs.cmake.in"
        "${PROJECT_BINARY_DIR}/fermata-python-needs.cmake"
        @ONLY
    )
    install(
        FILES "${PROJECT_BINARY_DIR}/fermata-python-needs.cmake"
        DESTINATION "${FERMATA_PACKAGE_DIR}"
        COMPONENT python_development
    )
endif()

option(FERMATA_PYTHON_PACKAGE "Build the module of the Python package, and its examples" ${FERMATA_BUILD_TESTS})
