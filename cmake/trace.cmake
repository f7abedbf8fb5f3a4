# fermata::trace: the recorder, and the timeline; a library of its own, for it writes and reads JSON.
if(NOT TARGET fermata::fermata)
    return()
endif()
find_package(nlohmann_json 3.10 QUIET)
if(NOT nlohmann_json_FOUND)
    message(
        STATUS
        "fermata: no nlohmann_json, so fermata::trace is left out. scripts/install-dependencies installs it (Debian: nlohmann-json3-dev)"
    )
    return()
endif()

# The page as texts of C++: what stands before the data, and behind it.
set(page_directory "${PROJECT_SOURCE_DIR}/src/trace/page")
set(script "")
foreach(part IN ITEMS model view page)
    file(READ "${page_directory}/${part}.js" text)
    string(APPEND script "${text}")
endforeach()
file(READ "${page_directory}/style.css" style)
file(READ "${page_directory}/page.html" page)
string(REPLACE "%STYLE%" "${style}" page "${page}")
string(REPLACE "%SCRIPT%" "${script}" page "${page}")
string(FIND "${page}" "%DATA%" place)
string(SUBSTRING "${page}" 0 ${place} FERMATA_PAGE_BEFORE)
math(EXPR place "${place} + 6")
string(SUBSTRING "${page}" ${place} -1 FERMATA_PAGE_BEHIND)
configure_file("${PROJECT_SOURCE_DIR}/src/trace/page.cpp.in" "${PROJECT_BINARY_DIR}/trace/page.cpp" @ONLY)
file(GLOB page_sources CONFIGURE_DEPENDS "${page_directory}/*")
set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page_sources})

file(GLOB trace_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/trace/*.cpp")
add_library(fermata_trace ${trace_sources} "${PROJECT_BINARY_DIR}/trace/page.cpp")
add_library(fermata::trace ALIAS fermata_trace)
target_include_directories(fermata_trace PRIVATE "${PROJECT_SOURCE_DIR}/src/trace")
get_target_property(json_headers nlohmann_json::nlohmann_json INTERFACE_INCLUDE_DIRECTORIES)
target_include_directories(fermata_trace SYSTEM PRIVATE ${json_headers})
target_link_libraries(fermata_trace PUBLIC fermata PRIVATE $<BUILD_INTERFACE:fermata_warnings>)
fermata_shared_library(fermata_trace)

if(FERMATA_INSTALL)
    fermata_install_component(trace TARGET fermata_trace REQUIRES fermata)
endif()
