#include "coroutines.hpp"
#include "programs.hpp"
#include "python.hpp"

#include <fermata/generator.hpp>

#include <optional>

namespace tour {

namespace {

//  def supervisor():
//      while True:
//          try:
//              yield from demo_exc_handling()
//          except ValueError as e:
//              print('restarting after:', e)
// [supervisor]
fermata::generator<std::nullopt_t, coroutines::any_value> supervisor() {
    while (true) {
        try {
            co_yield fermata::from(coroutines::demo_exc_handling());
        } catch (const fermata::value_error& e) {
            print("restarting after:", e.what());
        }
    }
}
// [supervisor]

}  // namespace

//  coro = supervisor()
//  next(coro)
//  coro.send(34)
//  coro.throw(DemoException)  # handled within
//  coro.throw(ValueError('no such value'))  # not handled within: it arrives in the supervisor
//  coro.send('hi')
//  print(inspect.getgeneratorstate(coro))
//  coro.close()  # both
//  print(inspect.getgeneratorstate(coro))
void yield_from_throws() {
    auto coro = supervisor();
    coro.next();
    coro.send(34);
    coro.throw_(coroutines::demo_exception());
    coro.throw_(fermata::value_error("no such value"));
    coro.send("hi");
    print(coroutines::getgeneratorstate(coro));
    coro.close();
    print(coroutines::getgeneratorstate(coro));
}

}  // namespace tour
