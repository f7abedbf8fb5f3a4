# Builds and runs one consumer in WORK_DIR; for WAY=installed, pkg_config and python against a fresh installation of the library.
file(REMOVE_RECURSE "${WORK_DIR}")
set(prefix "${WORK_DIR}/prefix")
set(build "${WORK_DIR}/build")

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "$ ${command}\n${output}\nstatus: ${status}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

set(answers "42\ncrosses the library's border\n")
if(WAY MATCHES "installed|pkg_config|python")
    run("${CMAKE_COMMAND}" --install "${FERMATA_BINARY_DIR}" --prefix "${prefix}")
endif()
if(WAY STREQUAL "pkg_config")
    file(GLOB_RECURSE module "${prefix}/*/fermata.pc")
    cmake_path(GET module PARENT_PATH modules)
    set(ENV{PKG_CONFIG_PATH} "${modules}")
    run(pkg-config --cflags --libs fermata)
    separate_arguments(flags UNIX_COMMAND "${FLAGS} ${output}")
    run("${COMPILER}" -std=c++20 "${CMAKE_CURRENT_LIST_DIR}/async.cpp" -o "${WORK_DIR}/async" ${flags})
    run("${WORK_DIR}/async")
    if(NOT output STREQUAL answers)
        message(FATAL_ERROR "the consumer printed:\n${output}")
    endif()
    return()
endif()

# What is added as a directory is built whole, which takes less time in few pieces, and not optimised; of what is fetched, what
# is needed.
set(targets "")
if(WAY STREQUAL "subdirectory")
    set(BUILD_TYPE None)
elseif(WAY STREQUAL "fetch_content")
    set(targets --target consumer)
endif()
if(WAY STREQUAL "python")
    set(BUILD_TYPE "")  # which takes the least time
endif()
run(
    "${CMAKE_COMMAND}"
    -S "${CMAKE_CURRENT_LIST_DIR}/${WAY}"
    -B "${build}"
    -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}"
    "-DCMAKE_CXX_FLAGS=${FLAGS}"
    "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}"
    "-DCMAKE_PREFIX_PATH=${prefix}"
    -DCMAKE_UNITY_BUILD=ON
    -DCMAKE_UNITY_BUILD_BATCH_SIZE=10
    "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF"
    "-DFERMATA_SOURCE_DIR=${FERMATA_SOURCE_DIR}"
    "-DPython3_EXECUTABLE=${PYTHON}"
)
run("${CMAKE_COMMAND}" --build "${build}" ${targets})
if(WAY STREQUAL "python")
    set(ENV{PYTHONPATH} "${build}")
    run("${PYTHON}" -B "${CMAKE_CURRENT_LIST_DIR}/python/use.py")
    file(READ "${CMAKE_CURRENT_LIST_DIR}/python/expected.txt" expected)
    if(NOT output STREQUAL expected)
        message(FATAL_ERROR "the module's user printed:\n${output}")
    endif()
    return()
endif()
run("${build}/consumer")
if(NOT output STREQUAL "10\n15\n20\n")
    message(FATAL_ERROR "the consumer printed:\n${output}")
endif()
if(WAY STREQUAL "installed")
    run("${build}/async_consumer")
    if(NOT output STREQUAL answers)
        message(FATAL_ERROR "the consumer printed:\n${output}")
    endif()
endif()
