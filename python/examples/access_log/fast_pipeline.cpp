// pipeline.py in C++: the same generators, the same names.

#include <fermata/generator.hpp>
#include <fermata/iteration/lines.hpp>
#include <fermata/python.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

namespace py = pybind11;
using fermata::generator;

struct session {
    std::string client;
    double start = 0;
    double end = 0;
    long requests = 0;
    long bytes = 0;
    long errors = 0;
};

struct request {
    double time = 0;
    std::string_view client;
    int status = 0;
    long bytes = 0;
};

template <class Number>
bool parse(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

// Of most characters the first comparison tells.
bool is_space(char c) { return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || (c >= '\t' && c <= '\r')); }

// How many there are; the first ten are told.
std::size_t split(std::string_view line, std::array<std::string_view, 10>& fields) {
    std::size_t count = 0;
    const char* at = line.data();
    const char* const end = at + line.size();
    while (count < fields.size()) {
        while (at != end && is_space(*at)) ++at;
        const char* const begin = at;
        while (at != end && !is_space(*at)) ++at;
        if (at == begin) break;
        fields[count++] = std::string_view(begin, static_cast<std::size_t>(at - begin));
    }
    return count;
}

bool parse(std::string_view line, request& entry) {
    std::array<std::string_view, 10> fields;
    if (split(line, fields) < fields.size()) return false;
    const std::size_t slash = fields[3].find('/');
    entry.client = fields[2];
    return slash != std::string_view::npos && parse(fields[0], entry.time) &&
           parse(fields[3].substr(slash + 1), entry.status) && parse(fields[4], entry.bytes);
}

generator<const request&> requests(std::string path) {
    request entry;
    for (const std::string& line : fermata::lines(path)) {
        if (parse(line, entry)) co_yield entry;
    }
}

generator<const request&> successful_or_failed(generator<const request&> entries) {
    for (const request& entry : entries) {
        const int s = entry.status;
        if (s != 301 && s != 302 && s != 304 && s != 407) co_yield entry;
    }
}

struct hash : std::hash<std::string_view> {
    using is_transparent = void;
};

generator<session> sessions(std::string path, double gap) {
    std::unordered_map<std::string, session, hash, std::equal_to<>> open;
    for (const request& entry : successful_or_failed(requests(std::move(path)))) {
        auto found = open.find(entry.client);
        if (found == open.end()) {
            session first{std::string(entry.client), entry.time};
            found = open.emplace(first.client, first).first;
        } else if (entry.time - found->second.end > gap) {
            co_yield found->second;
            session next{found->first, entry.time};
            found->second = std::move(next);
        }
        session& now = found->second;
        now.end = entry.time;
        ++now.requests;
        now.bytes += entry.bytes;
        now.errors += entry.status >= 400;
    }
    std::vector<session> left;
    left.reserve(open.size());
    for (auto& [client, each] : open) left.push_back(std::move(each));
    std::sort(left.begin(), left.end(), [](const session& a, const session& b) {
        return std::tie(a.start, a.client) < std::tie(b.start, b.client);
    });
    for (session& each : left) co_yield std::move(each);
}

}  // namespace

PYBIND11_MODULE(fast_pipeline, module) {
    py::class_<session>(module, "Session")
        .def_readonly("client", &session::client)
        .def_readonly("start", &session::start)
        .def_readonly("end", &session::end)
        .def_readonly("requests", &session::requests)
        .def_readonly("bytes", &session::bytes)
        .def_readonly("errors", &session::errors);
    fermata::python::def_generator(module, "sessions", &sessions, py::arg("path"), py::arg("gap"));
}
