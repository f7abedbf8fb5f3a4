# Builds and runs one consumer in WORK_DIR; for WAY=installed against a fresh installation of the library.
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

if(WAY STREQUAL "installed")
    run("${CMAKE_COMMAND}" --install "${FERMATA_BINARY_DIR}" --prefix "${prefix}")
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
    "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF"
    "-DFERMATA_SOURCE_DIR=${FERMATA_SOURCE_DIR}"
)
run("${CMAKE_COMMAND}" --build "${build}")
run("${build}/consumer")
if(NOT output STREQUAL "10\n15\n20\n")
    message(FATAL_ERROR "the consumer printed:\n${output}")
endif()
