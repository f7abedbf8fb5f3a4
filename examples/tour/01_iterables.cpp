#include "programs.hpp"
#include "python.hpp"

#include <fermata/iteration.hpp>

#include <array>
#include <string>
#include <vector>

namespace tour {

//  x = [1, 2, 3]
//  for i in x:
//      print(i)
//
//  it = iter(x)  # returns an iterator
//  for i in it:
//      print(i)
//
//  for i in x:
//      print(i)  # works
//
//  for i in it:
//      print(i)  # does not work as the iterator is exhausted
//
//  s = 'abc'
//  for c in iter(s):
//      print(c)
//
//  it = iter((10, 20))
//  print(next(it))
//  print(next(it))
//  print(next(it, -1))  # exhausted: the default, every time
//  print(next(it, -1))
void iterables() {
    // [exhausted]
    std::vector x = {1, 2, 3};
    for (int i : x) {
        print(i);
    }

    auto it = fermata::iter(x);
    for (int i : it) {
        print(i);
    }

    for (int i : x) {
        print(i);
    }

    for (int i : it) {
        print(i);
    }
    // [exhausted]

    const std::string s = "abc";
    for (char c : fermata::iter(s)) {
        print(c);
    }

    // [default]
    auto pair = fermata::iter(std::array{10, 20});  // a tuple of one type
    print(fermata::next(pair));
    print(fermata::next(pair));
    print(fermata::next(pair, -1));
    print(fermata::next(pair, -1));
    // [default]
}

}  // namespace tour
