#pragma once

// The page of src/trace/page/, made into texts by the build: what stands before the data, and behind it.

#include <string_view>

namespace fermata::inline v0::trace {

extern const std::string_view page_before_data;
extern const std::string_view page_behind_data;

}  // namespace fermata::inline v0::trace
