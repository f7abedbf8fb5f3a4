// The reader of traces: what it takes is written and read again as the same, and as a page; what it does not, it says where.

#include "targets.hpp"

#include <fermata/base/errors.hpp>
#include <fermata/trace/timeline.hpp>

namespace fuzz {

void read_trace(std::string_view input) {
    namespace trace = fermata::trace;
    trace::timeline read;
    try {
        read = trace::read_chrome_trace(input);
    } catch (const fermata::value_error& error) {
        require(std::string_view(error.what()).starts_with("trace: "), "trace: an error that does not say of what");
        return;
    }
    const std::string page = trace::to_html(read);
    require(page.ends_with("</html>\n"), "trace: a page without its end");
    const std::string written = trace::to_chrome_trace(read);
    const trace::timeline again = trace::read_chrome_trace(written);
    require(again.groups.size() == read.groups.size(), "trace: written and read, it has other groups");
    for (std::size_t i = 0; i < read.groups.size(); ++i) {
        require(again.groups[i].rows.size() == read.groups[i].rows.size(),
                "trace: written and read, it has other rows");
    }
}

}  // namespace fuzz
