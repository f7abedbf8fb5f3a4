#pragma once

#include "../http/url.hpp"

#include <fermata/io.hpp>
#include <fermata/task/task.hpp>

#include <string>

namespace fetch {

/// A connection to where this URL is, over TLS for https. `ca_file`: who is trusted besides those whom the system trusts; may be
/// empty. Raises what open_connection does, and what says that the other side cannot be trusted.
fermata::task<fermata::stream> connect(http::url to, std::string ca_file);

}  // namespace fetch
