# fermata::tls: TLS streams, with OpenSSL; a library of its own, so that who needs none links none.
if(NOT TARGET fermata::fermata)
    return()
endif()
option(FERMATA_TLS "Build fermata::tls, where OpenSSL 3 is found" ON)
if(NOT FERMATA_TLS)
    return()
endif()
find_package(OpenSSL 3 QUIET)
if(NOT OPENSSL_FOUND)
    message(
        STATUS
        "fermata: no OpenSSL 3, so fermata::tls is left out. scripts/install-dependencies installs it (Debian: libssl-dev)"
    )
    return()
endif()

file(GLOB tls_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/tls/*.cpp")
add_library(fermata_tls ${tls_sources})
add_library(fermata::tls ALIAS fermata_tls)
target_link_libraries(
    fermata_tls
    PUBLIC fermata
    PRIVATE $<BUILD_INTERFACE:fermata_warnings> OpenSSL::SSL
)
fermata_shared_library(fermata_tls)

if(FERMATA_INSTALL)
    fermata_install_component(tls TARGET fermata_tls REQUIRES fermata LIBRARIES -lssl -lcrypto)
endif()
