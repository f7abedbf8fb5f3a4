#pragma once

/// \file
/// The door of TLS. Link with fermata::tls.

#include <fermata/net/tls.hpp>
#include <fermata/net/tls_context.hpp>
#include <fermata/net/tls_error.hpp>
#include <fermata/net/tls_server.hpp>
