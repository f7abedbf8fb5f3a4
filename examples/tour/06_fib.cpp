#include "programs.hpp"
#include "python.hpp"

#include <fermata/generator.hpp>

namespace tour {

namespace {

//  def fib():
//      a, b = 0, 1
//      while True:
//          yield a + b
//          tmp = b
//          b = a + b
//          a = tmp
// [fib]
fermata::generator<long> fib_numbers() {
    long a = 0, b = 1;
    while (true) {
        co_yield a + b;
        long tmp = b;
        b = a + b;
        a = tmp;
    }
}
// [fib]

}  // namespace

//  gen = fib()
//  print(next(gen))
//  print(next(gen))
//  print(next(gen))
//  print(next(gen))
//  print(next(gen))
//  print(next(gen))
//  # infinite for loop! (but for the break)
//  for x in gen:
//      if x > 1000:
//          break
//      print(x)
//  print(next(gen))  # it is only paused
void fib() {
    // [paused]
    auto gen = fib_numbers();
    print(fermata::next(gen));
    print(fermata::next(gen));
    print(fermata::next(gen));
    print(fermata::next(gen));
    print(fermata::next(gen));
    print(fermata::next(gen));
    for (long x : gen) {
        if (x > 1000) {
            break;
        }
        print(x);
    }
    print(fermata::next(gen));
    // [paused]
}

}  // namespace tour
