#include "listing.hpp"

#include "../http/url.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace http_server {

namespace {

namespace fs = std::filesystem;

std::string escape_html(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
        case '&': escaped += "&amp;"; break;
        case '<': escaped += "&lt;"; break;
        case '>': escaped += "&gt;"; break;
        case '"': escaped += "&quot;"; break;
        default: escaped += c;
        }
    }
    return escaped;
}

// Directories with a slash at the end.
std::vector<std::string> names_in(const fs::directory_iterator& directory) {
    std::vector<std::string> names;
    for (const fs::directory_entry& each : directory) {
        std::error_code unknown;
        std::string name = each.path().filename().string();
        if (each.is_directory(unknown)) name += '/';
        names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string link_to(const std::string& name) {
    const bool is_directory = name.ends_with('/');
    const std::string target = http::escape_name(name.substr(0, name.size() - (is_directory ? 1 : 0)));
    return "<li><a href=\"" + target + (is_directory ? "/" : "") + "\">" + escape_html(name) + "</a></li>\n";
}

}  // namespace

std::optional<std::string> listing_of(const std::string& directory, const std::string& title) {
    std::error_code failure;
    fs::directory_iterator entries(directory, failure);
    if (failure == std::errc::permission_denied) return std::nullopt;
    if (failure) throw fs::filesystem_error("list", directory, failure);
    const std::string heading = "Index of " + escape_html(title);
    std::string page = "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>" + heading +
                       "</title>\n</head>\n<body>\n<h1>" + heading + "</h1>\n<ul>\n";
    if (title != "/") page += "<li><a href=\"../\">../</a></li>\n";
    for (const std::string& each : names_in(entries)) page += link_to(each);
    page += "</ul>\n</body>\n</html>\n";
    return page;
}

}  // namespace http_server
