// Fetches URLs, several at a time.
//
//   mkdir pages; fetch --limit 4 --output pages https://example.org/ https://example.com/

#include "../program.hpp"
#include "crew.hpp"

#include <CLI/CLI.hpp>

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

constexpr const char* description =
    "Fetches URLs (http and https), several at a time. A line says of each what came: status, bytes, time.\n"
    "Bodies are dropped, unless --output says otherwise. Redirects are followed, but not from https to http.\n\n"
    "The exit status is 1 where one has failed: it was not answered with 2xx, or not wholly. Standard error says\n"
    "why. It is 130 after ctrl-C.";

constexpr const char* about_output =
    "a directory that is there already, for the bodies: each gets the last name in its URL's path\n"
    "(or index.html), and .1, .2 … where two have the same. What has that name is replaced; a body that\n"
    "does not come wholly leaves nothing. -: standard output, for the one URL; what is said of it goes to\n"
    "standard error";

// Empty where nothing is.
std::string what_is_wrong(const fetch::options& given) {
    if (given.output.empty()) return "";
    if (given.output == "-") return given.urls.size() == 1 ? "" : "--output -: there is more than one URL";
    struct stat found{};
    if (stat(given.output.c_str(), &found) != 0) return "--output " + given.output + ": " + std::strerror(errno);
    if (!S_ISDIR(found.st_mode)) return "--output " + given.output + ": " + std::strerror(ENOTDIR);
    return "";
}

}  // namespace

int main(int argc, char** argv) {
    fetch::options given;
    CLI::App command(description);
    command.add_option("URL", given.urls, "what to fetch")->required();
    command.add_option("--limit", given.limit, "how many at a time")
        ->capture_default_str()
        ->check(CLI::Range(1, 10000));
    command.add_option("--timeout", given.timeout, "seconds that each may take")
        ->capture_default_str()
        ->check(CLI::Range(0.001, 1e6));
    command.add_option("--redirects", given.redirects, "how many of them to follow, for each")->capture_default_str();
    command.add_option("--output", given.output, about_output);
    command
        .add_option("--ca", given.ca_file,
                    "a file of certificates (PEM): who is trusted besides whom the system trusts")
        ->check(CLI::ExistingFile);
    CLI11_PARSE(command, argc, argv);

    const std::string wrong = what_is_wrong(given);
    if (!wrong.empty()) {
        std::fprintf(stderr, "fetch: %s\n", wrong.c_str());
        return 2;
    }
    return program::run("fetch", fetch::fetch_all(given));
}
