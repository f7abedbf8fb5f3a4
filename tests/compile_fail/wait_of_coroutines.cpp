// expect: fermata: wait: passing coroutines is forbidden, use tasks explicitly: create_task(coroutine)
#include <fermata/task/task_handle.hpp>
#include <fermata/task/wait.hpp>
#include <utility>
#include <vector>

fermata::task<int> one() { co_return 1; }

int main() {
#ifdef FERMATA_GOOD
    std::vector<fermata::task_handle<int>> tasks;
    tasks.push_back(fermata::create_task(one()));
#else
    std::vector<fermata::task<int>> tasks;
    tasks.push_back(one());
#endif
    auto waiting = fermata::wait(std::move(tasks));
}
