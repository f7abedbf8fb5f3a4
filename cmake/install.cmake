# Installation, component by component: `fermata::<component>` has its own export files, so that finding fermata::core
# never asks for the libraries that another component needs. A compiled component can be installed twice into the same
# place, as a static library and as a shared one.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(FERMATA_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/fermata")
set_property(GLOBAL PROPERTY FERMATA_COMPONENTS "")

# fermata_shared_library(<target>): what is needed where BUILD_SHARED_LIBS asks for one. Before 1.0 each minor version may
# break its users' programs: it has a name of its own.
function(fermata_shared_library target)
    get_target_property(type ${target} TYPE)
    if(NOT type STREQUAL "SHARED_LIBRARY")
        return()
    endif()
    set(exports "${PROJECT_BINARY_DIR}/exports.map")
    configure_file("${PROJECT_SOURCE_DIR}/cmake/exports.map" "${exports}" @ONLY)
    target_compile_definitions(${target} PRIVATE FERMATA_DETAIL_SHARED_LIBRARY)
    target_link_options(${target} PRIVATE "LINKER:--version-script=${exports}" "LINKER:--no-undefined")
    set_target_properties(
        ${target}
        PROPERTIES
            VERSION ${PROJECT_VERSION}
            SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
            LINK_DEPENDS "${exports}"
    )
endfunction()

# fermata_install_component(<component> TARGET <target> [HEADERS] [REQUIRES <pkg-config modules>]
#     [LIBRARIES <what a static library leaves to link>] [WITH <other targets>] [DEVELOPMENT <installation component>])
# HEADERS: the target owns the header file set. WITH: what it links and no other component has. DEVELOPMENT: where its
# development files go, without a pkg-config module, if not with those of all.
function(fermata_install_component component)
    cmake_parse_arguments(PARSE_ARGV 1 arg "HEADERS" "TARGET;DEVELOPMENT" "REQUIRES;LIBRARIES;WITH")
    set(development development)
    if(arg_DEVELOPMENT)
        set(development ${arg_DEVELOPMENT})
    endif()
    set(headers "")
    if(arg_HEADERS)
        set(headers FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT ${development})
    endif()
    set(runtime "${component}_runtime")
    get_target_property(type ${arg_TARGET} TYPE)
    string(REGEX REPLACE "_LIBRARY$" "" kind "${type}")
    string(TOLOWER "-${kind}" kind)
    if(kind STREQUAL "-interface")
        set(kind "")
    endif()

    set_target_properties(${arg_TARGET} PROPERTIES EXPORT_NAME ${component})
    install(
        TARGETS ${arg_TARGET} ${arg_WITH}
        EXPORT fermata-${component}${kind}
        ARCHIVE COMPONENT ${development}
        LIBRARY COMPONENT ${runtime} NAMELINK_COMPONENT ${development}
        ${headers}
    )
    install(
        EXPORT fermata-${component}${kind}
        NAMESPACE fermata::
        DESTINATION "${FERMATA_PACKAGE_DIR}"
        COMPONENT ${development}
    )
    if(NOT arg_DEVELOPMENT)
        fermata_install_pkg_config(${component} "${kind}" "${arg_REQUIRES}" "${arg_LIBRARIES}")
    endif()
    set_property(GLOBAL APPEND PROPERTY FERMATA_COMPONENTS ${component})
endfunction()

# fermata-core.pc, fermata.pc, fermata-tls.pc. Where there is only a static library, what it leaves to link is not private.
function(fermata_install_pkg_config component kind requires libraries)
    set(PC_NAME "fermata-${component}")
    string(REPLACE "fermata-fermata" "fermata" PC_NAME "${PC_NAME}")
    list(JOIN requires ", " PC_REQUIRES)
    list(JOIN libraries " " PC_LIBS_PRIVATE)
    set(PC_LIBS "")
    if(kind)
        string(REPLACE "-" "_" library "${PC_NAME}")
        set(PC_LIBS "-L\${libdir} -l${library}")
    endif()
    if(kind STREQUAL "-static")
        string(APPEND PC_LIBS " ${PC_LIBS_PRIVATE}")
        set(PC_LIBS_PRIVATE "")
    endif()
    file(RELATIVE_PATH PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    configure_file("${PROJECT_SOURCE_DIR}/cmake/fermata.pc.in" "${PROJECT_BINARY_DIR}/${PC_NAME}.pc" @ONLY)
    install(
        FILES "${PROJECT_BINARY_DIR}/${PC_NAME}.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
        COMPONENT development
    )
endfunction()

# After the last component: the package's own files.
function(fermata_install_package)
    get_property(FERMATA_COMPONENTS GLOBAL PROPERTY FERMATA_COMPONENTS)
    configure_package_config_file(
        "${PROJECT_SOURCE_DIR}/cmake/fermata-config.cmake.in"
        "${PROJECT_BINARY_DIR}/fermata-config.cmake"
        INSTALL_DESTINATION "${FERMATA_PACKAGE_DIR}"
        NO_SET_AND_CHECK_MACRO
    )
    # Before 1.0 a minor version may break what was written for the one before.
    set(compatibility SameMajorVersion)
    if(PROJECT_VERSION_MAJOR EQUAL 0)
        set(compatibility SameMinorVersion)
    endif()
    write_basic_package_version_file(
        "${PROJECT_BINARY_DIR}/fermata-config-version.cmake"
        COMPATIBILITY ${compatibility}
        ARCH_INDEPENDENT
    )
    install(
        FILES
            "${PROJECT_BINARY_DIR}/fermata-config.cmake"
            "${PROJECT_BINARY_DIR}/fermata-config-version.cmake"
        DESTINATION "${FERMATA_PACKAGE_DIR}"
        COMPONENT development
    )
    install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT development)
endfunction()
