#include "coroutines.hpp"
#include "programs.hpp"
#include "python.hpp"

#include <fermata/generator.hpp>

#include <optional>

namespace tour {

//  class DemoException(Exception):
//      pass
//
//  def demo_exc_handling():
//      print('started')
//      while True:
//          try:
//              x = yield
//          except DemoException:
//              print('demo exception handled. continuing ...')
//          else:
//              print(f'coroutine received value of {x}')
//
// What Python's `else` holds is the end of the try block here: print raises nothing that the handler would catch.
// [throwing]
fermata::generator<std::nullopt_t, coroutines::any_value> coroutines::demo_exc_handling() {
    print("started");
    while (true) {
        try {
            any_value x = co_yield std::nullopt;
            print("coroutine received value of", x);
        } catch (const demo_exception&) {
            print("demo exception handled. continuing ...");
        }
    }
}
// [throwing]

//  coro = demo_exc_handling()
//  print(next(coro))  # prints 'started', returns None
//  coro.send(34)
//  coro.send(343444)
//  coro.throw(DemoException)
//  coro.send('hi')
void throwing() {
    // [thrown]
    auto coro = coroutines::demo_exc_handling();
    print(fermata::next(coro));
    coro.send(34);
    coro.send(343444);
    coro.throw_(coroutines::demo_exception());
    coro.send("hi");
    // [thrown]
}

}  // namespace tour
