# An overlay port of the repository that it stands in.
cmake_path(SET SOURCE_PATH NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../..")

vcpkg_check_features(OUT_FEATURE_OPTIONS feature_options FEATURES tls FERMATA_TLS)
vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        -DFERMATA_BUILD_TESTS=OFF
        -DFERMATA_BUILD_EXAMPLES=OFF
        -DFERMATA_BUILD_BENCHMARKS=OFF
        -DFERMATA_PYTHON=OFF
        ${feature_options}
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME fermata CONFIG_PATH lib/cmake/fermata)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
