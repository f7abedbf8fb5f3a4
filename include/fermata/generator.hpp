#pragma once

/// \file
/// Python's generators. Header-only; needs the standard library and nothing else.

#include <fermata/generator/generator.hpp>
#include <fermata/generator/round_robin.hpp>
#include <fermata/generator/step.hpp>
#include <fermata/generator/yield_from.hpp>
