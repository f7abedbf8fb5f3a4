#include "connect.hpp"

#include <fermata/base/errors.hpp>

#include <utility>

namespace fetch {

using namespace fermata;

task<stream> connect(http::url to, std::string ca_file) {
    static_cast<void>(ca_file);
    if (to.is_secure) throw value_error("https is not supported by this build");
    stream opened = co_await open_connection(to.host, to.port);
    co_return opened;
}

}  // namespace fetch
