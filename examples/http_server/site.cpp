#include "site.hpp"

#include "content_type.hpp"
#include "file_response.hpp"
#include "listing.hpp"

#include "../http/url.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace http_server {

using namespace fermata;

namespace {

namespace fs = std::filesystem;

enum class kind { nothing, forbidden, file, directory };

struct place {
    kind is = kind::nothing;
    std::string path;  // without symbolic links
};

bool is_beneath(std::string_view root, std::string_view path) {
    return path == root || root == "/" || (path.starts_with(root) && path[root.size()] == '/');
}

// Whether it names its parent somewhere: that could tell what there is outside, if not show it.
bool climbs(const std::string& path) { return ("/" + path + "/").find("/../") != std::string::npos; }

// Without symbolic links; empty where there is nothing, and errno says why.
std::string canonical(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> found(realpath(path.c_str(), nullptr), &std::free);
    return found ? found.get() : "";
}

// Where a symbolic link leads out, there is nothing. It asks for names, which the kernel has in memory once they have been asked
// for: in the loop's own thread, as to go through another one takes several times as long as to answer.
place locate(const std::string& root, const std::string& path) {
    if (climbs(path)) return {};
    std::string found = canonical(root + "/" + path);
    if (found.empty() && errno == EACCES) return {kind::forbidden, {}};
    if (found.empty() || !is_beneath(root, found)) return {};
    struct stat status{};
    if (stat(found.c_str(), &status) != 0) return {};
    const bool is_for_directories = path.ends_with('/');
    if (S_ISDIR(status.st_mode)) return {kind::directory, std::move(found)};
    if (S_ISREG(status.st_mode)) return is_for_directories ? place{} : place{kind::file, std::move(found)};
    return {kind::forbidden, {}};  // a pipe, or a device: to open it may take for ever
}

task<response> show_file(std::string path, const http::head& asked) {
    file opened;
    try {
        opened = co_await open_file(path);
    } catch (const std::system_error& e) {
        if (e.code() == std::errc::permission_denied) co_return plain_response(HTTP_STATUS_FORBIDDEN);
        if (e.code() == std::errc::no_such_file_or_directory) co_return plain_response(HTTP_STATUS_NOT_FOUND);
        throw;
    }
    const std::string_view type = content_type_of(path);
    response made = co_await file_response(std::move(opened), type, asked);
    co_return made;
}

// With the slash, what its pages link to is found. Made anew of names, it cannot lead to another host ("//example.org/").
response with_slash(const std::string& path, std::string_view target) {
    std::string location;
    for (const fs::path& each : fs::path(path).relative_path()) location += "/" + http::escape_name(each.string());
    location += "/";
    const std::size_t query = target.find('?');
    if (query != std::string_view::npos) location += target.substr(query);
    response made = plain_response(HTTP_STATUS_MOVED_PERMANENTLY);
    made.headers.push_back({"Location", location});
    return made;
}

task<response> show_directory(std::string root, std::string path, std::string directory, const http::head& asked) {
    if (!path.ends_with('/')) co_return with_slash(path, asked.target);
    const place index = locate(root, path + "index.html");
    if (index.is == kind::file) co_return co_await show_file(index.path, asked);
    std::optional<std::string> page = co_await to_thread(listing_of, directory, path);
    if (!page) co_return plain_response(HTTP_STATUS_FORBIDDEN);
    response made;
    made.headers.push_back({"Content-Type", "text/html; charset=utf-8"});
    made.text = std::move(*page);
    co_return made;
}

}  // namespace

task<response> look_up(std::string root, const http::head& asked) {
    if (asked.method != "GET" && asked.method != "HEAD") {
        response refusal = plain_response(HTTP_STATUS_METHOD_NOT_ALLOWED);
        refusal.headers.push_back({"Allow", "GET, HEAD"});
        co_return refusal;
    }
    const std::optional<std::string> path = http::path_of_target(asked.target);
    if (!path) co_return plain_response(HTTP_STATUS_BAD_REQUEST);
    const place found = locate(root, *path);
    switch (found.is) {
    case kind::file: {
        response made = co_await show_file(found.path, asked);
        co_return made;
    }
    case kind::directory: {
        response made = co_await show_directory(root, *path, found.path, asked);
        co_return made;
    }
    case kind::forbidden: co_return plain_response(HTTP_STATUS_FORBIDDEN);
    case kind::nothing: break;
    }
    co_return plain_response(HTTP_STATUS_NOT_FOUND);
}

}  // namespace http_server
