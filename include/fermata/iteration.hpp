#pragma once

/// \file
/// The iterator protocol over any C++ range, and Python's virtual sequences. Header-only; needs nothing else.

#include <fermata/iteration/dict_views.hpp>
#include <fermata/iteration/enumerate.hpp>
#include <fermata/iteration/iter.hpp>
#include <fermata/iteration/lines.hpp>
#include <fermata/iteration/range.hpp>
