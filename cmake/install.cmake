# Installation, component by component: `fermata::<component>` has its own export file, so that finding fermata::core
# never asks for the libraries that another component needs.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(FERMATA_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/fermata")
set_property(GLOBAL PROPERTY FERMATA_COMPONENTS "")

# fermata_install_component(<component> TARGET <target> [HEADERS])
# HEADERS: the target owns the header file set.
function(fermata_install_component component)
    cmake_parse_arguments(PARSE_ARGV 1 arg "HEADERS" "TARGET" "")
    set(headers "")
    if(arg_HEADERS)
        set(headers FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    endif()

    set_target_properties(${arg_TARGET} PROPERTIES EXPORT_NAME ${component})
    install(TARGETS ${arg_TARGET} EXPORT fermata-${component} ${headers})
    install(
        EXPORT fermata-${component}
        NAMESPACE fermata::
        FILE fermata-${component}.cmake
        DESTINATION "${FERMATA_PACKAGE_DIR}"
    )
    set_property(GLOBAL APPEND PROPERTY FERMATA_COMPONENTS ${component})
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
    write_basic_package_version_file(
        "${PROJECT_BINARY_DIR}/fermata-config-version.cmake"
        COMPATIBILITY SameMajorVersion
        ARCH_INDEPENDENT
    )
    install(
        FILES
            "${PROJECT_BINARY_DIR}/fermata-config.cmake"
            "${PROJECT_BINARY_DIR}/fermata-config-version.cmake"
        DESTINATION "${FERMATA_PACKAGE_DIR}"
    )
    install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
endfunction()
