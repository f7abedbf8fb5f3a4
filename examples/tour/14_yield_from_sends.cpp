#include "coroutines.hpp"
#include "programs.hpp"
#include "python.hpp"

#include <fermata/generator.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tour {

namespace {

using report = std::map<std::string, coroutines::averaged>;

//  def grouper(names):
//      results = {}
//      for name in names:
//          results[name] = yield from averager2()
//      return results
// [grouper]
fermata::generator<std::nullopt_t, std::optional<double>, report> grouper(std::vector<std::string> names) {
    report results;
    for (const std::string& name : names) {
        results[name] = co_yield fermata::from(coroutines::averager2());
    }
    co_return results;
}
// [grouper]

}  // namespace

//  coro = grouper(['heights', 'weights'])
//  next(coro)
//  coro.send(1.5)  # to the averager2 within
//  coro.send(1.75)
//  coro.send(None)  # ends it, and the next one begins
//  coro.send(60)
//  coro.send(75)
//  try:
//      coro.send(None)
//  except StopIteration as e:
//      print(e.value)
void yield_from_sends() {
    // [sent]
    auto coro = grouper({"heights", "weights"});
    coro.next();
    coro.send(1.5);
    coro.send(1.75);
    coro.send(std::nullopt);
    coro.send(60);
    coro.send(75);
    try {
        fermata::send(coro, std::nullopt);
    } catch (const fermata::stop_iteration& e) {
        print(e.value<report>());
    }
    // [sent]
}

}  // namespace tour
