#include "programs.hpp"
#include "python.hpp"
#include "time_source.hpp"

#include <fermata/generator.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace tour {

namespace {

//  def sleep(secs, coro_number):
//      start = time.time()
//      while True:
//          if time.time() - start > secs:
//              print(f'Coroutine {coro_number} finished sleeping')
//              return f'Done in {time.time() - start:.2f}s'
//          msg = yield 'Not finished sleeping'
//          print(f'Coroutine {coro_number} received message: {msg}')
// [sleep]
fermata::generator<std::string, std::string, std::string> sleep(double secs, int coro_number, time_source& time) {
    const double start = time.time();
    while (true) {
        if (time.time() - start > secs) {
            print("Coroutine", coro_number, "finished sleeping");
            co_return "Done in " + fixed(time.time() - start, 2) + "s";
        }
        std::string msg = co_yield "Not finished sleeping";
        print("Coroutine", coro_number, "received message:", msg);
    }
}
// [sleep]

}  // namespace

//  def run_loop():
//      print('Starting main loop...')
//      start = time.time()
//      coro1 = sleep(2, 1)
//      coro2 = sleep(3, 2)
//      # prime coroutines
//      next(coro1)
//      next(coro2)
//      current_coro = 'coro1'
//      finished_coros = []
//      results = []
//      while True:
//          if current_coro == 'coro1' and current_coro not in finished_coros:
//              try:
//                  response = coro1.send('Are you awake coro1?')
//                  print(response)
//              except StopIteration as e:
//                  finished_coros.append('coro1')
//                  results.append(e.value)
//              if 'coro2' not in finished_coros:
//                  current_coro = 'coro2'
//          elif ...  # the same with coro1 and coro2 exchanged
//          if 'coro1' in finished_coros and 'coro2' in finished_coros:
//              print('Completed.')
//              break
//      print(f'Main loop finished in {time.time() - start:.2f}s')
//      print('results', results)
//
// From "prime coroutines" to the loop's end it is fermata::round_robin, for any number of generators.
// [main_loop]
void main_loop(time_source& time) {
    print("Starting main loop...");
    const double start = time.time();
    std::vector<fermata::generator<std::string, std::string, std::string>> coros;
    coros.push_back(sleep(2, 1, time.of(1)));
    coros.push_back(sleep(3, 2, time.of(2)));
    const auto message = [](std::size_t index) { return "Are you awake coro" + std::to_string(index + 1) + "?"; };
    const auto respond = [](std::size_t, const std::string& response) { print(response); };
    std::vector<std::string> results = fermata::round_robin(coros, message, respond);
    print("Completed.");
    print("Main loop finished in " + fixed(time.time() - start, 2) + "s");
    print("results", results);
}
// [main_loop]

}  // namespace tour
