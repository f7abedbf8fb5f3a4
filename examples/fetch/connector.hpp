#pragma once

// Where all connections are made.

#include "../http/url.hpp"

#include <fermata/io.hpp>
#ifdef FERMATA_EXAMPLE_TLS
#include <fermata/tls.hpp>
#endif

#include <string>

namespace fetch {

class connector {
public:
    /// ca_file: who is trusted besides those whom the system trusts; may be empty. Raises what says that it is no such file.
    explicit connector(const std::string& ca_file);

    /// A connection to where the URL is; over TLS for https, to whom we trust. Raises what open_connection and
    /// open_tls_connection do.
    fermata::task<fermata::stream> open(const http::url& to) const;

private:
#ifdef FERMATA_EXAMPLE_TLS
    fermata::tls_context trusted_ = fermata::tls_context::client();
#endif
};

}  // namespace fetch
