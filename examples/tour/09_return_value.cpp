#include "programs.hpp"
#include "python.hpp"

#include <fermata/generator.hpp>

namespace tour {

namespace {

//  def coro():
//      yield 5
//      return 10
// [coro]
fermata::generator<int, void, int> coro() {
    co_yield 5;
    co_return 10;
}
// [coro]

}  // namespace

//  c = coro()
//  print(next(c))
//  try:
//      next(c)  # falls off the function's body
//  except StopIteration:
//      print('StopIteration')
//
//  c = coro()
//  while True:
//      try:
//          print(next(c))
//      except StopIteration as e:
//          print(f'Value returned by coroutine is {e.value}')
//          break
void return_value() {
    auto c = coro();
    print(fermata::next(c));
    try {
        fermata::next(c);
    } catch (const fermata::stop_iteration&) {
        print("StopIteration");
    }

    c = coro();
    // [value]
    while (true) {
        try {
            print(fermata::next(c));
        } catch (const fermata::stop_iteration& e) {
            print("Value returned by coroutine is", e.value<int>());
            break;
        }
    }
    // [value]
}

}  // namespace tour
