#include "certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace tests {

namespace {

template <class T, auto Free>
struct deleter {
    void operator()(T* object) const noexcept { Free(object); }
};
using key_pointer = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY, EVP_PKEY_free>>;
using certificate_pointer = std::unique_ptr<X509, deleter<X509, X509_free>>;
using extension_pointer = std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION, X509_EXTENSION_free>>;
using file_pointer = std::unique_ptr<std::FILE, deleter<std::FILE, std::fclose>>;

void check(bool done, const char* what) {
    if (!done) throw std::runtime_error(std::string("making a certificate: ") + what);
}

key_pointer make_key() {
    key_pointer made(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    check(made != nullptr, "key");
    return made;
}

void add_extension(X509* to, X509* issuer, int which, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    const extension_pointer made(X509V3_EXT_conf_nid(nullptr, &context, which, value.c_str()));
    check(made != nullptr, value.c_str());
    check(X509_add_ext(to, made.get(), -1) == 1, value.c_str());
}

std::string joined(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& each : names) all += (all.empty() ? "" : ",") + each;
    return all;
}

certificate_pointer make_certificate(const certificate_options& options, EVP_PKEY* key, int serial) {
    certificate_pointer made(X509_new());
    check(made != nullptr, "certificate");
    X509* const certificate = made.get();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_time_adj_ex(X509_getm_notBefore(certificate), options.valid_from_day, 0, nullptr);
    X509_time_adj_ex(X509_getm_notAfter(certificate), options.valid_to_day, 0, nullptr);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(options.common_name.c_str()), -1, -1, 0);
    return made;
}

file_pointer open_file(const std::string& path) {
    file_pointer opened(std::fopen(path.c_str(), "we"));
    check(opened != nullptr, path.c_str());
    return opened;
}

void write_certificate(const std::string& path, X509* certificate) {
    check(PEM_write_X509(open_file(path).get(), certificate) == 1, path.c_str());
}

void write_key(const std::string& path, EVP_PKEY* key, const std::string& password) {
    const EVP_CIPHER* const cipher = password.empty() ? nullptr : EVP_aes_128_cbc();
    const file_pointer file = open_file(path);
    check(PEM_write_PrivateKey(file.get(), key, cipher, reinterpret_cast<const unsigned char*>(password.data()),
                               static_cast<int>(password.size()), nullptr, nullptr) == 1,
          path.c_str());
}

}  // namespace

struct authority::keys {
    key_pointer key = make_key();
    certificate_pointer certificate;
};

authority::authority(const std::string& name) : keys_(std::make_unique<keys>()) {
    std::string pattern = std::filesystem::temp_directory_path() / "fermata-tls-XXXXXX";
    check(mkdtemp(pattern.data()) != nullptr, "directory");
    directory_ = pattern;
    keys_->certificate = make_certificate({.common_name = name}, keys_->key.get(), 1);
    X509* const own = keys_->certificate.get();
    X509_set_issuer_name(own, X509_get_subject_name(own));
    add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(own, own, NID_subject_key_identifier, "hash");
    check(X509_sign(own, keys_->key.get(), EVP_sha256()) > 0, "signature");
    certificate_ = directory_ / "authority.pem";
    write_certificate(certificate_, own);
}

authority::~authority() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

identity authority::issue(const certificate_options& options) { return store(options, false); }
identity authority::issue_self_signed(const certificate_options& options) { return store(options, true); }

identity authority::store(const certificate_options& options, bool self_signed) {
    const std::string stem = directory_ / std::to_string(++issued_);
    const key_pointer key = make_key();
    const certificate_pointer made = make_certificate(options, key.get(), 1 + issued_);
    X509* const own = made.get();
    X509* const issuer = self_signed ? own : keys_->certificate.get();
    X509_set_issuer_name(own, X509_get_subject_name(issuer));
    add_extension(own, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(own, issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(own, issuer, NID_subject_key_identifier, "hash");
    if (!self_signed) add_extension(own, issuer, NID_authority_key_identifier, "keyid:always");
    if (!options.names.empty()) add_extension(own, issuer, NID_subject_alt_name, joined(options.names));
    check(X509_sign(own, self_signed ? key.get() : keys_->key.get(), EVP_sha256()) > 0, "signature");
    write_certificate(stem + ".pem", own);
    write_key(stem + "-key.pem", key.get(), options.key_password);
    return {stem + ".pem", stem + "-key.pem"};
}

std::string authority::write(const std::string& name, const std::string& text) const {
    std::string path = directory_ / name;
    std::ofstream(path) << text;
    return path;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

authority& our_authority() {
    static authority ours("The tests' authority");
    return ours;
}

const identity& localhost() {
    static const identity made = our_authority().issue();
    return made;
}

}  // namespace tests
