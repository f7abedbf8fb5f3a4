// Without a fuzzer: the inputs that are kept (corpus/<target>/), each also with bytes changed, the same ones each time.
//
// usage: fuzz_inputs CORPUS

#include "targets.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace {

struct target {
    const char* name;
    void (*feed)(std::string_view);
};

constexpr target targets[] = {
    {"read_stream", fuzz::read_stream}, {"read_address", fuzz::read_address}, {"read_trace", fuzz::read_trace},
    {"read_http", fuzz::read_http},     {"read_url", fuzz::read_url},
};
constexpr int changes = 40;

std::string contents(const std::filesystem::path& of) {
    std::ifstream file(of, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void feed_with_changes(const target& to, const std::string& input) {
    to.feed(input);
    std::mt19937 chance(1);
    for (int i = 0; i < changes && !input.empty(); ++i) {
        std::string changed = input;
        for (unsigned n = chance() % 4 + 1; n > 0; --n)
            changed[chance() % changed.size()] = static_cast<char>(chance());
        if (chance() % 4 == 0) changed.resize(chance() % changed.size());
        to.feed(changed);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return std::fputs("usage: fuzz_inputs CORPUS\n", stderr), 2;
    for (const target& each : targets) {
        std::size_t inputs = 0;
        for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(argv[1]) / each.name)) {
            feed_with_changes(each, contents(file.path()));
            ++inputs;
        }
        fuzz::require(inputs > 0, "a target without an input");
        std::printf("%s: %zu inputs\n", each.name, inputs);
    }
    return 0;
}
