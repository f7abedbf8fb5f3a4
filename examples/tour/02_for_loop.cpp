#include "programs.hpp"
#include "python.hpp"

#include <fermata/iteration.hpp>

#include <array>
#include <string>
#include <vector>

namespace tour {

namespace {

//  def print_all(x):
//      # under the hood...
//      # in the for loop, create an iterator
//      it = iter(x)
//      while True:
//          try:
//              print(next(it))
//          except StopIteration:
//              break
// [under_the_hood]
template <class Iterable>
void print_all(const Iterable& x) {
    auto it = fermata::iter(x);
    while (true) {
        try {
            print(fermata::next(it));
        } catch (const fermata::stop_iteration&) {
            break;
        }
    }
}
// [under_the_hood]

}  // namespace

//  x = [1, 2, 3]
//  for i in x:
//      print(i)
//
//  print_all(x)
//  print_all('abc')
//  print_all((1.5, 2.5))
void for_loop() {
    std::vector x = {1, 2, 3};
    for (int i : x) {
        print(i);
    }

    print_all(x);
    print_all(std::string("abc"));
    print_all(std::array{1.5, 2.5});
}

}  // namespace tour
