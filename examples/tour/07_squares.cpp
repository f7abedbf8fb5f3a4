#include "programs.hpp"
#include "python.hpp"

#include <fermata/generator.hpp>
#include <fermata/iteration.hpp>

namespace tour {

namespace {

//  def g():
//      for i in range(10):
//          yield i ** 2
// [squares]
fermata::generator<int> g() {
    for (int i : fermata::range(10)) {
        co_yield (i * i);
    }
}
// [squares]

}  // namespace

//  gen = g()
//  while True:
//      try:
//          print(next(gen))
//      except StopIteration:
//          print('No more values')
//          break
void squares() {
    // [exhausted]
    auto gen = g();
    while (true) {
        try {
            print(fermata::next(gen));
        } catch (const fermata::stop_iteration&) {
            print("No more values");
            break;
        }
    }
    // [exhausted]
}

}  // namespace tour
