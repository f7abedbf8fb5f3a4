#pragma once

/// \file
/// The front door: all of fermata.

#include <fermata/async.hpp>
#include <fermata/generator.hpp>
#include <fermata/iteration.hpp>
