// The README's example, as a user's program.
#include <cstdio>
#include <fermata/generator.hpp>

fermata::generator<double, double> averager() {
    double total = 0;
    double average = 0;
    for (int count = 1;; ++count) {
        total += co_yield average;
        average = total / count;
    }
}

int main() {
    auto average = averager();
    average.next();  // run to the first co_yield
    for (double value : {10.0, 20.0, 30.0}) std::printf("%g\n", *average.send(value));

    int of_the_user;  // unused: our own warnings, which are errors, must not reach a user's code
}
