#pragma once

/// \file
/// Seeing concurrency: which task ran when, what it awaited, what woke it. Library: fermata::trace.

#include <fermata/trace/instrument.hpp>
#include <fermata/trace/recorder.hpp>
#include <fermata/trace/timeline.hpp>
