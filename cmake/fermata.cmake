# fermata::fermata: what is compiled; Linux only, so far. Elsewhere there is fermata::core.
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
    message(STATUS "fermata: the event loop needs Linux; only fermata::core is built")
    return()
endif()
find_package(Threads REQUIRED)
find_path(LIBURING_INCLUDE_DIR liburing.h)
find_library(LIBURING_LIBRARY uring)
if(NOT LIBURING_INCLUDE_DIR OR NOT LIBURING_LIBRARY)
    message(
        FATAL_ERROR
        "fermata's event loop needs liburing. Run scripts/install-dependencies (Debian: liburing-dev)."
    )
endif()

file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/*.cpp")
list(FILTER sources EXCLUDE REGEX "/src/(tls|trace|python)/[^/]*$")
# In objects of their own, also in a unity build: the tests have the linker put a function before the constructors that these
# two define (tests/schedules), which it can do between objects only.
set_source_files_properties(
    "${PROJECT_SOURCE_DIR}/src/loop/event_loop.cpp"
    "${PROJECT_SOURCE_DIR}/src/testing/trial.cpp"
    PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON
)
add_library(fermata ${sources})
add_library(fermata::fermata ALIAS fermata)
target_link_libraries(fermata PUBLIC fermata_core Threads::Threads PRIVATE $<BUILD_INTERFACE:fermata_warnings> uring)
target_include_directories(fermata SYSTEM PRIVATE ${LIBURING_INCLUDE_DIR})
fermata_shared_library(fermata)

if(FERMATA_INSTALL)
    fermata_install_component(fermata TARGET fermata REQUIRES fermata-core LIBRARIES -luring -pthread)
endif()
