#include "programs.hpp"
#include "python.hpp"

#include <fermata/iteration.hpp>

namespace tour {

//  r = range(0, 10)
//  it = iter(r)
//  while True:
//      try:
//          print(next(it))
//      except StopIteration:
//          break
void range() {
    // [range]
    auto r = fermata::range(0, 10);
    auto it = fermata::iter(r);
    while (true) {
        try {
            print(fermata::next(it));
        } catch (const fermata::stop_iteration&) {
            break;
        }
    }
    // [range]
}

}  // namespace tour
