#include "bodies.hpp"

namespace bodies {

bare::generator count(int n) {
    for (int i = 0; i < n; ++i) co_yield i;
}

bare::receiver echo() {
    int received = 0;
    for (;;) received = co_yield received;
}

int accept(int value) {
    if (value < 0) throw value_refused();
    return value;
}

}  // namespace bodies
