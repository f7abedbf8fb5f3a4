#include "programs.hpp"
#include "python.hpp"

#include <fermata/generator.hpp>
#include <fermata/iteration.hpp>

#include <string>
#include <vector>

namespace tour {

namespace {

//  def countdown(n):
//      while n > 0:
//          yield n
//          n -= 1
//      return 'lift-off'
// [yield_from]
fermata::generator<int, void, std::string> countdown(int n) {
    while (n > 0) {
        co_yield n;
        n -= 1;
    }
    co_return "lift-off";
}

//  def launch():
//      checks = [101, 102]
//      yield from checks  # any iterable
//      yield from range(10, 7, -1)
//      result = yield from countdown(3)  # its return value
//      print('countdown returned', result)
//      yield 0
fermata::generator<int> launch() {
    std::vector checks = {101, 102};
    co_yield fermata::from(checks);
    co_yield fermata::from(fermata::range(10, 7, -1));
    std::string result = co_yield fermata::from(countdown(3));
    print("countdown returned", result);
    co_yield 0;
}
// [yield_from]

}  // namespace

//  for value in launch():
//      print(value)
void yield_from() {
    for (int value : launch()) {
        print(value);
    }
}

}  // namespace tour
