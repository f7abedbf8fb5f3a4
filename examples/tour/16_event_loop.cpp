#include "programs.hpp"
#include "python.hpp"

#include <fermata/async.hpp>

#include <chrono>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

namespace tour {

namespace {

double monotonic() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double process_time() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

//  async def sleep(secs, coro_number):
//      start = time.monotonic()
//      await asyncio.sleep(secs)
//      print(f'Coroutine {coro_number} finished sleeping')
//      return f'Done in {time.monotonic() - start:.1f}s'
// [sleep]
fermata::task<std::string> sleep(double secs, int coro_number) {
    const double start = monotonic();
    co_await fermata::sleep(std::chrono::duration<double>(secs));
    print("Coroutine", coro_number, "finished sleeping");
    co_return "Done in " + fixed(monotonic() - start, 1) + "s";
}
// [sleep]

//  async def main():
//      return await asyncio.gather(sleep(2, 1), sleep(3, 2))
// [main]
fermata::task<std::vector<std::string>> main() {
    std::vector<fermata::task<std::string>> coros;
    coros.push_back(sleep(2, 1));
    coros.push_back(sleep(3, 2));
    co_return co_await fermata::gather(std::move(coros));
}
// [main]

}  // namespace

//  def run_loop():
//      print('Starting event loop...')
//      start = time.monotonic()
//      cpu = time.process_time()
//      results = asyncio.run(main())
//      print('Completed.')
//      print(f'Event loop finished in {time.monotonic() - start:.1f}s')
//      print(f'CPU time {time.process_time() - cpu:.1f}s')
//      print('results', results)
void event_loop(const fermata::run_options& options) {
    print("Starting event loop...");
    const double start = monotonic();
    const double cpu = process_time();
    // [run]
    std::vector<std::string> results = fermata::run(main(), options);
    // [run]
    print("Completed.");
    print("Event loop finished in " + fixed(monotonic() - start, 1) + "s");
    print("CPU time " + fixed(process_time() - cpu, 1) + "s");
    print("results", results);
}

}  // namespace tour
