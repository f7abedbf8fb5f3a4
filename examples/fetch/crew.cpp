#include "crew.hpp"

#include "body_file.hpp"
#include "connector.hpp"
#include "exchange.hpp"
#include "report.hpp"

#include "../http/message_parser.hpp"
#include "../http/url.hpp"

#include <fermata/async.hpp>
#include <fermata/io.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <exception>
#include <set>
#include <string_view>
#include <utility>

namespace fetch {

using namespace fermata;

namespace {

// The last name in the path of a URL, that of no other file here, nor of a part of one.
std::string name_for(const http::url& url, std::set<std::string>& taken) {
    const std::string_view path = std::string_view(url.target).substr(0, url.target.find('?'));
    std::string name(path.substr(path.rfind('/') + 1));
    if (name.empty() || name == "." || name == "..") name = "index.html";
    std::string unique = name;
    for (int number = 1; taken.contains(unique) || taken.contains(body_file::partial_name(unique)); ++number)
        unique = name + "." + std::to_string(number);
    taken.insert({unique, body_file::partial_name(unique)});
    return unique;
}

std::string seconds_text(double seconds) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%g s", seconds);
    return text.data();
}

class crew {
public:
    explicit crew(options given) : given_(std::move(given)) {}

    task<bool> run() {
        co_await with(task_group(), [this](task_group& all) { return fetch_under_a_bar(all); });
        co_return !report_.has_failures();
    }

private:
    task<> fetch_under_a_bar(task_group& all) {
        auto drawing = all.create_task(report_.draw());
        co_await with(task_group(), [this](task_group& fetches) { return begin_each(fetches); });
        drawing.cancel();
    }

    // Leaving the group waits for them.
    task<> begin_each(task_group& fetches) {
        for (const std::string& each : given_.urls) {
            progress& seen = seen_.emplace_back();
            fetches.create_task(fetch_one(each, path_for(each), seen), {.name = each});
        }
        co_return;
    }

    std::string path_for(const std::string& url) {
        if (given_.output.empty() || given_.output == "-") return given_.output;
        try {
            return given_.output + "/" + name_for(http::parse_url(url), names_);
        } catch (const http::bad_url&) {
            return "";  // nothing will come of it
        }
    }

    // What goes wrong with one is no reason to leave the others.
    task<> fetch_one(const std::string& url, std::string path, progress& seen) {
        const auto slot = co_await slots_.lock();
        const std::chrono::nanoseconds began = current_loop().time();
        std::string failure;
        try {
            const auto most = std::chrono::duration<double>(given_.timeout);
            co_await wait_for(try_one(url, std::move(path), seen),
                              std::chrono::duration_cast<std::chrono::nanoseconds>(most));
        } catch (const timeout_error&) {
            failure = "timed out after " + seconds_text(given_.timeout);
        } catch (const std::exception& e) {
            failure = e.what();
        }
        if (failure.empty()) {
            report_.done(url, seen, current_loop().time() - began);
        } else {
            report_.failed(url, failure);
        }
    }

    task<> try_one(const std::string& url, std::string path, progress& seen) {
        body_file body(std::move(path));
        http::url from = http::parse_url(url);
        co_await get(std::move(from), body, seen, given_.redirects, connector_);
        if (seen.status / 100 != 2) {
            std::string text = "answered " + std::to_string(seen.status) + " ";
            throw bad_answer(text.append(http::reason_of(seen.status)));
        }
        co_await body.finish();
    }

    options given_;
    connector connector_{given_.ca_file};
    semaphore slots_{given_.limit};
    std::set<std::string> names_;
    std::deque<progress> seen_;
    report report_{seen_, given_.output == "-" ? stderr : stdout};
};

}  // namespace

task<int> fetch_all(options given) {
    crew all(std::move(given));
    const bool came = co_await all.run();
    co_return came ? 0 : 1;
}

}  // namespace fetch
