# fermata::core: iteration and generators; header-only, needs a C++20 compiler and nothing else.
add_library(fermata_core INTERFACE)
add_library(fermata::core ALIAS fermata_core)

file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/*.hpp")
# Those of fermata::python are its own: they do not compile without Python's.
set(python_headers ${headers})
list(FILTER headers EXCLUDE REGEX "/include/fermata/python[./]")
list(FILTER python_headers INCLUDE REGEX "/include/fermata/python[./]")
target_sources(
    fermata_core
    INTERFACE
        FILE_SET HEADERS
        BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
        FILES ${headers}
)
target_compile_features(fermata_core INTERFACE cxx_std_20)

# Each header is compiled on its own, as part of the build (CMake leaves its target out of "all") where the preset says so:
# it is a third of all there is to compile, and one preset finds what there is to find.
option(FERMATA_VERIFY_HEADERS "Compile each header on its own" OFF)
if(FERMATA_VERIFY_HEADERS AND headers)
    set_target_properties(fermata_core PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
    add_custom_target(fermata_headers_compile_alone ALL)
    add_dependencies(fermata_headers_compile_alone fermata_core_verify_interface_header_sets)
endif()

if(FERMATA_INSTALL)
    fermata_install_component(core TARGET fermata_core HEADERS)
endif()
