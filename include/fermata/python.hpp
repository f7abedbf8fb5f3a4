#pragma once

/// \file
/// The door of the bridge to Python. Link with fermata::python.

#include <fermata/python/awaited.hpp>
#include <fermata/python/errors.hpp>
#include <fermata/python/generator.hpp>
#include <fermata/python/iter.hpp>
#include <fermata/python/reference.hpp>
#include <fermata/python/run.hpp>
#include <fermata/python/task.hpp>
