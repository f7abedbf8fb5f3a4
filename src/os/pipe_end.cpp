#include <fermata/io/detail/backend.hpp>
#include <fermata/os/detail/pipe_end.hpp>

#include <memory>
#include <utility>

namespace fermata::inline v0::detail {

stream stream_of_pipe(backend& by, unique_descriptor descriptor, std::string name) {
    auto end = std::make_unique<descriptor_endpoint>(by, std::move(descriptor));
    return stream(std::make_unique<stream_state>(std::move(end), std::move(name), io_code::read, io_code::write));
}

}  // namespace fermata::inline v0::detail
