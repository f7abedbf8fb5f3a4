#include "coroutines.hpp"
#include "programs.hpp"
#include "python.hpp"

#include <fermata/generator.hpp>

#include <optional>

namespace tour {

namespace {

//  def averager():
//      total = 0.0
//      count = 0
//      average = None
//      while True:
//          term = yield average
//          total += term
//          count += 1
//          average = total / count
// [averager]
fermata::generator<std::optional<double>, double> running_average() {
    double total = 0.0;
    int count = 0;
    std::optional<double> average;
    while (true) {
        double term = co_yield average;
        total += term;
        count += 1;
        average = total / count;
    }
}
// [averager]

}  // namespace

//  coro = averager()
//  print(inspect.getgeneratorstate(coro))  # 'GEN_CREATED'
//  print(next(coro))  # priming the coroutine
//  print(coro.send(10))
//  print(coro.send(20))
//  print(inspect.getgeneratorstate(coro))  # 'GEN_SUSPENDED'
//  coro.close()
//  print(inspect.getgeneratorstate(coro))  # 'GEN_CLOSED'
void averager() {
    // [send]
    auto coro = running_average();
    print(coroutines::getgeneratorstate(coro));
    print(fermata::next(coro));
    print(fermata::send(coro, 10));
    print(fermata::send(coro, 20));
    print(coroutines::getgeneratorstate(coro));
    coro.close();
    print(coroutines::getgeneratorstate(coro));
    // [send]
}

}  // namespace tour
