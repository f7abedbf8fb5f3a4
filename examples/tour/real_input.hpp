#pragma once

/// \file
/// The averager on real input: a text of any size, read lazily, in constant memory.

#include <string>

namespace tour {

struct input {
    /// A file; "-" is standard input.
    std::string path;
    /// Stop at the first word that is not a number.
    bool strict = false;
};

/// Averages the numbers among the words of the input, and shows the average as it runs: after each of the first 20, after
/// the 50th, 100th, 200th, 500th …, and after the last. Numbers are what Python's float() takes, but nan and inf: a
/// single one would be the average from there on. A line that begins with "#" is a comment. Any other word is reported
/// on standard error (the first 100 are), counted, and skipped.
///
/// Gives the program's exit status: 0, or 1 where it stopped because of `strict`. Raises std::system_error, with the
/// path, where the input cannot be opened or read.
int average_numbers(const input& from);

/// Whether standard input is somebody's: a file, or a pipe that brings something within two seconds (one that is silent
/// is what a job of a build server, or of ssh, has).
bool standard_input_brings_something();

}  // namespace tour
