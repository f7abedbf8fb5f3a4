#include <fermata/tls.hpp>

int main() { return fermata::tls_context::client().is_server() ? 1 : 0; }
