#pragma once

/// \file
/// The programs of the tour: each is one of the article's, and prints what Python prints; the last is its main loop once
/// more, as an event loop. In NN_<name>.cpp.

#include <fermata/task/runner.hpp>

namespace tour {

class time_source;

void iterables();
void for_loop();
void dict_views();
void enumerate();
void range();
void fib();
void squares();
void averager();
void return_value();
void averager2();
void throwing();
void main_loop(time_source& time);
void yield_from();
void yield_from_sends();
void yield_from_throws();
void event_loop(const fermata::run_options& options);

}  // namespace tour
