#include "body_file.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace fetch {

using namespace fermata;

body_file::body_file(std::string path) : path_(std::move(path)) {
    if (path_ == "-") {
        standard_output_ = standard_output();
    } else if (!path_.empty()) {
        partial_ = partial_name(path_);
    }
}

body_file::~body_file() {
    std::error_code failure;  // then it stays
    if (file_) std::filesystem::remove(partial_, failure);
}

task<> body_file::open() {
    if (!file_) file_ = co_await open_file(partial_, "w");
}

task<> body_file::write(std::string bytes) {
    if (standard_output_) co_await standard_output_.write(bytes);
    if (partial_.empty()) co_return;
    co_await open();
    co_await file_.write(std::move(bytes));
}

task<> body_file::finish() {
    if (partial_.empty()) co_return;
    co_await open();
    file_.close();
    std::filesystem::rename(partial_, path_);
    file_ = file();
}

}  // namespace fetch
