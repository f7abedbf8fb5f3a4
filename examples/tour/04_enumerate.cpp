#include "programs.hpp"
#include "python.hpp"

#include <fermata/iteration.hpp>

#include <array>
#include <string_view>

namespace tour {

namespace {

//  type(x).__name__
template <class Range>
const char* type_name(const fermata::enumerator<Range>&) {
    return "enumerate";
}

}  // namespace

//  x = enumerate(('a', 'b'))
//  print(type(x).__name__)
//  it = iter(x)
//  print(type(it).__name__)
//  print(it is x)
//  print(next(it))
//  print(next(x))
void enumerate() {
    // [enumerate]
    auto x = fermata::enumerate(std::array<std::string_view, 2>{"a", "b"});
    print(type_name(x));
    auto& it = fermata::iter(x);
    print(type_name(it));
    print(&it == &x);
    print(fermata::next(it));
    print(fermata::next(x));
    // [enumerate]
}

}  // namespace tour
