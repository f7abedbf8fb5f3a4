#include "site.hpp"

#include "content_type.hpp"
#include "file_response.hpp"
#include "listing.hpp"

#include "../http/url.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <cstddef>
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

// From the root on: the kernel takes no other for one beneath it.
std::string relative(std::string_view path) {
    const std::size_t begin = path.find_first_not_of('/');
    return begin == std::string_view::npos ? "." : std::string(path.substr(begin));
}

// What leads out of the root is not there either (cross_device_link).
bool says_nothing_is_there(const std::error_code& failure) noexcept {
    return failure == std::errc::no_such_file_or_directory || failure == std::errc::not_a_directory ||
           failure == std::errc::cross_device_link || failure == std::errc::too_many_symbolic_link_levels ||
           failure == std::errc::filename_too_long;
}

// A pipe, a socket and a device are not served.
bool forbids(const std::error_code& failure) noexcept {
    return failure == std::errc::permission_denied || failure == std::errc::operation_not_permitted ||
           failure == std::errc::no_such_device_or_address;
}

response refusal_for(const std::error_code& failure, const std::string& path) {
    if (says_nothing_is_there(failure)) return plain_response(HTTP_STATUS_NOT_FOUND);
    if (forbids(failure)) return plain_response(HTTP_STATUS_FORBIDDEN);
    throw std::system_error(failure, path);
}

// With the slash, what its pages link to is found. Made anew of names, it cannot lead to another host ("//example.org/").
response with_slash(const std::string& path, std::string_view target) {
    std::string location;
    for (const fs::path& each : fs::path(path).relative_path()) location += "/" + http::escape_name(each.string());
    location += "/";
    const std::size_t query = target.find('?');
    if (query != std::string_view::npos) location += target.substr(query);
    response made = plain_response(HTTP_STATUS_MOVED_PERMANENTLY);
    made.add("Location", location);
    return made;
}

task<response> list_of(const directory& root, std::string path) {
    std::error_code failure;
    auto listed = std::make_shared<directory>();  // a thread may be at work on it for longer than anybody waits
    try {
        *listed = co_await root.open_directory(relative(path));
    } catch (const std::system_error& e) {
        failure = e.code();
    }
    if (failure) co_return refusal_for(failure, path);
    const auto list = [](const std::shared_ptr<directory>& of, const std::string& title) {
        return listing_of("/proc/self/fd/" + std::to_string(of->descriptor()), title);
    };
    std::optional<std::string> page = co_await to_thread(list, listed, path);
    if (!page) co_return plain_response(HTTP_STATUS_FORBIDDEN);
    response made;
    made.add("Content-Type", "text/html; charset=utf-8");
    made.text = std::move(*page);
    co_return made;
}

}  // namespace

task<response> look_up(const directory& root, const http::head& asked) {
    if (asked.method != "GET" && asked.method != "HEAD") {
        response refusal = plain_response(HTTP_STATUS_METHOD_NOT_ALLOWED);
        refusal.add("Allow", "GET, HEAD");
        co_return refusal;
    }
    const std::optional<std::string> path = http::path_of_target(asked.target);
    if (!path) co_return plain_response(HTTP_STATUS_BAD_REQUEST);
    const bool is_of_directory = path->ends_with('/');
    const std::string name = relative(*path) + (is_of_directory ? "/index.html" : "");
    std::error_code failure;
    try {
        file found = co_await root.open_file(name);
        co_return file_response(std::move(found), content_type_of(name), asked);
    } catch (const std::system_error& e) {
        failure = e.code();
    }
    const bool is_directory = failure == std::errc::is_a_directory;
    if (is_directory && !is_of_directory) co_return with_slash(*path, asked.target);
    if (is_of_directory && (is_directory || says_nothing_is_there(failure))) {
        response list = co_await list_of(root, *path);
        co_return list;
    }
    co_return refusal_for(failure, *path);
}

}  // namespace http_server
