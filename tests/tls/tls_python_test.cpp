// With CPython's asyncio and ssl at the other end.

#include "../net/servers.hpp"
#include "tls_streams.hpp"

#include <fermata/os/subprocess.hpp>

#include <string>
#include <utility>

namespace {

using namespace tests;

FERMATA_ON_BOTH_BACKENDS(tls_python);

// usage: script port authority: asks, checks the answer, and tells what it has seen.
constexpr std::string_view client_script = R"python(
import asyncio, hashlib, ssl, sys

async def main(port, authority):
    context = ssl.create_default_context(cafile=authority)
    context.set_alpn_protocols(["fermata", "other"])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    seen = writer.get_extra_info("ssl_object")
    print(seen.version(), seen.selected_alpn_protocol(), seen.getpeercert()["subject"])
    sent = bytes(range(256)) * 4000
    async def write():
        writer.write(b"%d\n" % len(sent) + sent)
        await writer.drain()
    writing = asyncio.create_task(write())
    print(await reader.readexactly(len(sent)) == sent)
    await writing
    print(await reader.read())
    writer.close()
    await writer.wait_closed()

asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
)python";

// usage: script certificate key: prints its port, and serves one who asks.
constexpr std::string_view server_script = R"python(
import asyncio, ssl, sys

async def main(certificate, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["fermata"])
    served = asyncio.Event()

    async def serve(reader, writer):
        seen = writer.get_extra_info("ssl_object")
        size = int(await reader.readline())
        writer.write(await reader.readexactly(size))
        await writer.drain()
        print(seen.version(), seen.selected_alpn_protocol(), flush=True)
        writer.close()
        await writer.wait_closed()
        served.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await served.wait()

asyncio.run(main(sys.argv[1], sys.argv[2]))
)python";

// usage: script port authority: begins in the clear.
constexpr std::string_view upgrade_script = R"python(
import socket, ssl, sys

context = ssl.create_default_context(cafile=sys.argv[2])
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as plain:
    plain.sendall(b"STARTTLS\n")
    print(plain.recv(100))
    with context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False) as secure:
        secure.sendall(b"secret\n")
        print(secure.recv(100))
        print(secure.recv(100))
)python";

// usage: script port authority: tries what a server should have none of, and tells what it took all the same.
constexpr std::string_view weak_script = R"python(
import socket, ssl, sys, warnings

warnings.simplefilter("ignore")
offers = {
    name: (ciphers, version)
    for name, ciphers, version in [
        ("TLS 1.1", "ALL:@SECLEVEL=0", ssl.TLSVersion.TLSv1_1),
        ("TLS 1.0", "ALL:@SECLEVEL=0", ssl.TLSVersion.TLSv1),
        ("no encryption", "eNULL:@SECLEVEL=0", ssl.TLSVersion.TLSv1_2),
        ("no certificate", "aNULL:@SECLEVEL=0", ssl.TLSVersion.TLSv1_2),
        ("no forward secrecy", "kRSA:!eNULL:@SECLEVEL=0", ssl.TLSVersion.TLSv1_2),
        ("CBC with SHA-1", "ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:DHE-RSA-AES128-SHA:@SECLEVEL=0", ssl.TLSVersion.TLSv1_2),
    ]
}

def took(ciphers, version):
    context = ssl.create_default_context(cafile=sys.argv[2])
    context.minimum_version = min(version, ssl.TLSVersion.TLSv1)
    context.maximum_version = version
    context.set_ciphers(ciphers)
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=20) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                return secure.cipher()
    except (ssl.SSLError, ConnectionError):
        return None

print("refused:", *(name for name, offer in offers.items() if took(*offer) is None), sep="\n")
print("taken:", took("ECDHE+AESGCM", ssl.TLSVersion.TLSv1_2) is not None)
)python";

// usage: script x x: prints its port, and of one who says hello what it offers; and then Python's own client.
constexpr std::string_view hello_script = R"python(
import socket, ssl, struct, sysconfig

def offers(hello):
    """The cipher suites, the compressions, and the versions of a ClientHello in its record."""
    at = 5 + 4 + 2 + 32
    at += 1 + hello[at]
    size = struct.unpack_from("!H", hello, at)[0]
    suites = struct.unpack_from(f"!{size // 2}H", hello, at + 2)
    at += 2 + size
    compressions = hello[at + 1 : at + 1 + hello[at]]
    at += 1 + hello[at] + 2
    versions = ()
    while at < len(hello):
        kind, size = struct.unpack_from("!HH", hello, at)
        if kind == 43:
            versions = struct.unpack_from(f"!{(size - 1) // 2}H", hello, at + 5)
        at += 4 + size
    return [f"{each:04x}" for each in suites], list(compressions), [f"{each:04x}" for each in versions]

outgoing = ssl.MemoryBIO()
context = ssl.create_default_context()
# Debian has its own take OpenSSL's defaults. These are CPython's.
if sysconfig.get_config_var("PY_SSL_DEFAULT_CIPHERS") != 1:
    context.set_ciphers("@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM")
    context.minimum_version = ssl.TLSVersion.TLSv1_2
own = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
try:
    own.do_handshake()
except ssl.SSLWantReadError:
    pass
of_python = offers(outgoing.read())
with socket.create_server(("127.0.0.1", 0)) as listening:
    print(listening.getsockname()[1], flush=True)
    peer, _ = listening.accept()
    with peer:
        hello = peer.recv(5, socket.MSG_WAITALL)
        hello += peer.recv(struct.unpack("!H", hello[3:5])[0], socket.MSG_WAITALL)
print(offers(hello) == of_python, len(of_python[0]) > 10, *of_python[1:] if offers(hello) == of_python else (offers(hello), of_python))
)python";

task<process> start_python(std::string_view script, std::string_view first, std::string_view second) {
    const subprocess_options options{.stdout_ = redirect::pipe()};
    return create_subprocess_exec(options, "python3", "-c", script, first, second);
}

task<> echo_counted(stream s) {
    const std::string size = co_await s.readline();
    const std::string bytes = co_await s.read_exactly(std::stoul(size));
    co_await s.write(bytes);
    s.close();
}

tls_context speaking_fermata(tls_context context) {
    context.set_alpn_protocols({"fermata"});
    return context;
}

TEST_P(tls_python, client_is_served) {
    runs_in_real_time([]() -> task<> {
        const tls_context context = speaking_fermata(make_server());
        const server s = co_await start_tls_server(echo_counted, "127.0.0.1", 0, context);
        const std::string port = std::to_string(s.addresses().front().port());
        const process client = co_await start_python(client_script, port, our_authority().certificate());
        const std::string told = co_await client.stdout_().read();
        EXPECT_EQ(told, "TLSv1.3 fermata ((('commonName', 'localhost'),),)\nTrue\nb''\n");
        const int status = co_await client.wait();
        EXPECT_EQ(status, 0);
    });
}

TEST_P(tls_python, server_is_talked_to) {
    runs_in_real_time([]() -> task<> {
        const process serving = co_await start_python(server_script, localhost().certificate, localhost().key);
        const std::string port = co_await serving.stdout_().readline();
        CO_ASSERT_FALSE(port.empty());
        const tls_context context = speaking_fermata(make_client());
        stream c = co_await open_tls_connection("127.0.0.1", static_cast<std::uint16_t>(std::stoul(port)), context);
        const std::string sent = many_bytes(1'000'000);
        auto writing = create_task([](stream& to, std::string_view bytes) -> task<> {
            const std::string size = std::to_string(bytes.size()) + "\n";
            co_await to.write(size);
            co_await to.write(bytes);
        }(c, sent));
        const std::string got = co_await c.read();
        co_await writing;
        EXPECT_TRUE(got == sent);
        c.close();
        const std::string told = co_await serving.stdout_().read();
        EXPECT_EQ(told, "TLSv1.3 fermata\n");
        const int status = co_await serving.wait();
        EXPECT_EQ(status, 0);
    });
}

// The list in SECURITY.md.
TEST_P(tls_python, client_that_offers_what_is_weak_is_refused) {
    runs_in_real_time([]() -> task<> {
        const auto ignore = [](stream) -> task<> { co_return; };
        const tls_context context = make_server();
        current_loop().set_exception_handler([](event_loop&, const error_context&) {});  // handshakes that failed
        const server s = co_await start_tls_server(ignore, "127.0.0.1", 0, context);
        const std::string port = std::to_string(s.addresses().front().port());
        const process client = co_await start_python(weak_script, port, our_authority().certificate());
        const std::string told = co_await client.stdout_().read();
        EXPECT_EQ(told,
                  "refused:\nTLS 1.1\nTLS 1.0\nno encryption\nno certificate\nno forward secrecy\nCBC with SHA-1\n"
                  "taken: True\n");
        const int status = co_await client.wait();
        EXPECT_EQ(status, 0);
    });
}

TEST_P(tls_python, client_offers_what_pythons_does) {
    runs_in_real_time([]() -> task<> {
        const process listening = co_await start_python(hello_script, "", "");
        const std::string port = co_await listening.stdout_().readline();
        CO_ASSERT_FALSE(port.empty());
        const auto number = static_cast<std::uint16_t>(std::stoul(port));
        const tls_context context = make_client();
        std::string refused;
        try {
            stream c = co_await open_tls_connection("127.0.0.1", number, context, {.server_hostname = "localhost"});
        } catch (const std::exception& error) {
            refused = error.what();
        }
        EXPECT_NE(refused, "");
        const std::string told = co_await listening.stdout_().read();
        EXPECT_EQ(told, "True True [0] ['0304', '0303']\n");
        const int status = co_await listening.wait();
        EXPECT_EQ(status, 0);
    });
}

TEST_P(tls_python, client_begins_in_the_clear_and_hears_a_clean_end) {
    runs_in_real_time([]() -> task<> {
        const auto serve = [](stream s) -> task<> {
            const std::string asked = co_await s.readline();
            EXPECT_EQ(asked, "STARTTLS\n");
            co_await s.write("go ahead");
            co_await start_tls(s, our_server());
            const std::string secret = co_await s.readline();
            EXPECT_EQ(secret, "secret\n");
            co_await s.write("kept");
        };
        const server s = co_await start_server(serve, "127.0.0.1", 0);
        const std::string port = std::to_string(s.addresses().front().port());
        const process client = co_await start_python(upgrade_script, port, our_authority().certificate());
        const std::string told = co_await client.stdout_().read();
        EXPECT_EQ(told, "b'go ahead'\nb'kept'\nb''\n");
        const int status = co_await client.wait();
        EXPECT_EQ(status, 0);
    });
}

}  // namespace
