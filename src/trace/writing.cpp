// A timeline as a page, and to files.

#include <fermata/trace/timeline.hpp>

#include "page.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace fermata::inline v0::trace {

namespace {

// In JSON a "<" stands in texts only. In a script none may stand: a task may be called "</script>".
void append_for_script(std::string& to, std::string_view text) {
    for (const char c : text) {
        if (c == '<') {
            to += "\\u003c";
        } else {
            to += c;
        }
    }
}

struct closing {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }  // NOLINT(bugprone-unused-return-value)
};

void write_file(const std::filesystem::path& to, const std::string& text) {
    const auto fail = [&] { throw std::system_error(errno, std::generic_category(), "trace: " + to.string()); };
    std::unique_ptr<std::FILE, closing> file(std::fopen(to.c_str(), "wbe"));
    if (!file) fail();
    if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) fail();
    if (std::fclose(file.release()) != 0) fail();
}

}  // namespace

std::string to_html(const timeline& of) {
    std::string page(page_before_data);
    append_for_script(page, to_chrome_trace(of));
    page += page_behind_data;
    return page;
}

void write_html(const timeline& of, const std::filesystem::path& to) { write_file(to, to_html(of)); }
void write_chrome_trace(const timeline& of, const std::filesystem::path& to) { write_file(to, to_chrome_trace(of)); }

}  // namespace fermata::inline v0::trace
