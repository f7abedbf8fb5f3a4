#include <fermata/base/detail/type_name.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace fermata::inline v0::detail {

std::string type_name(const std::type_info& type) {
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                           &std::free);
    return without_version(name ? name.get() : type.name());
}

std::string without_version(std::string name) {
    constexpr std::string_view versioned = "fermata::v0::";
    constexpr std::string_view plain = "fermata::";
    for (std::size_t at = name.find(versioned); at != std::string::npos; at = name.find(versioned, at)) {
        name.replace(at, versioned.size(), plain);
    }
    return name;
}

}  // namespace fermata::inline v0::detail
