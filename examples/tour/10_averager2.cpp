#include "coroutines.hpp"
#include "programs.hpp"
#include "python.hpp"

#include <fermata/generator.hpp>

#include <optional>

namespace tour {

//  def averager2():
//      total = 0.0
//      count = 0
//      average = None
//      while True:
//          term = yield
//          if term is None:
//              break  # in order to return a value, a coroutine must terminate normally
//          total += term
//          count += 1
//          average = total / count
//      return {'count': count, 'average': average}
// [averager2]
fermata::generator<std::nullopt_t, std::optional<double>, coroutines::averaged> coroutines::averager2() {
    double total = 0.0;
    int count = 0;
    std::optional<double> average;
    while (true) {
        std::optional<double> term = co_yield std::nullopt;
        if (!term) {
            break;
        }
        total += *term;
        count += 1;
        average = total / count;
    }
    co_return averaged{count, average};
}
// [averager2]

//  coro = averager2()
//  next(coro)  # prime the coroutine, can also be done using `coro.send(None)`
//  coro.send(3)
//  coro.send(10)
//  coro.send(34)
//  coro.send(3)
//  try:
//      coro.send(None)
//  except StopIteration as e:
//      print(e.value)  # {'count': 4, 'average': 12.5}
void averager2() {
    // [result]
    auto coro = coroutines::averager2();
    fermata::next(coro);
    coro.send(3);
    coro.send(10);
    coro.send(34);
    coro.send(3);
    try {
        fermata::send(coro, std::nullopt);
    } catch (const fermata::stop_iteration& e) {
        print(e.value<coroutines::averaged>());
    }
    // [result]
}

}  // namespace tour
