#pragma once

// Certificates, made when a test asks for them: none in the sources, so that none expires.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace tests {

/// The paths of PEM files.
struct identity {
    std::string certificate;
    std::string key;
};

struct certificate_options {
    std::string common_name = "localhost";
    std::vector<std::string> names = {"DNS:localhost", "IP:127.0.0.1"};
    int valid_from_day = -1;  // from now
    int valid_to_day = 1;
    std::string key_password = {};
};

/// An authority, with a directory of its own, which goes with it.
class authority {
public:
    explicit authority(const std::string& name);
    ~authority();
    authority(const authority&) = delete;
    authority& operator=(const authority&) = delete;

    /// Of itself, to be trusted.
    const std::string& certificate() const noexcept { return certificate_; }
    identity issue(const certificate_options& options = {});
    /// Signed by nobody else.
    identity issue_self_signed(const certificate_options& options = {});
    /// A file beside these.
    std::string write(const std::string& name, const std::string& text) const;

private:
    struct keys;

    identity store(const certificate_options& options, bool self_signed);

    std::filesystem::path directory_;
    std::unique_ptr<keys> keys_;
    std::string certificate_;
    int issued_ = 0;
};

std::string read_file(const std::string& path);

/// Made once in a program: whom the tests trust, and who is "localhost" and 127.0.0.1.
authority& our_authority();
const identity& localhost();

}  // namespace tests
