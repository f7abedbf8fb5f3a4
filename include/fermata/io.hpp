#pragma once

/// \file
/// The door of I/O: streams, the net, and what else the operating system has to offer.

#include <fermata/io/backend.hpp>
#include <fermata/io/stream.hpp>
#include <fermata/net/address.hpp>
#include <fermata/net/getaddrinfo.hpp>
#include <fermata/net/server.hpp>
#include <fermata/net/tcp.hpp>
#include <fermata/net/udp.hpp>
#include <fermata/os/directory.hpp>
#include <fermata/os/file.hpp>
#include <fermata/os/file_status.hpp>
#include <fermata/os/pipe.hpp>
#include <fermata/os/redirect.hpp>
#include <fermata/os/sendfile.hpp>
#include <fermata/os/signals.hpp>
#include <fermata/os/subprocess.hpp>
