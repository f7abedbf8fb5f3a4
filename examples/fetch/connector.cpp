#include "connector.hpp"

#include <fermata/base/errors.hpp>

namespace fetch {

using namespace fermata;

#ifdef FERMATA_EXAMPLE_TLS

connector::connector(const std::string& ca_file) {
    if (!ca_file.empty()) trusted_.load_verify_locations(ca_file);
    trusted_.set_alpn_protocols({"http/1.1"});
}

task<stream> connector::open(const http::url& to) const {
    if (to.is_secure) return open_tls_connection(to.host, to.port, trusted_);
    return open_connection(to.host, to.port);
}

#else

namespace {
constexpr const char* no_tls = "https is not supported: this program was built without OpenSSL";
}

connector::connector(const std::string& ca_file) {
    if (!ca_file.empty()) throw value_error(no_tls);
}

task<stream> connector::open(const http::url& to) const {
    if (to.is_secure) throw value_error(no_tls);
    return open_connection(to.host, to.port);
}

#endif

}  // namespace fetch
