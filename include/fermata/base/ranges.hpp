#pragma once

/// \file
/// The range concepts and view_base without the adaptors. In libstdc++, <span> brings them at a third of the cost of
/// <ranges>; elsewhere it takes <ranges> itself.

#include <span>

#if !defined(__GLIBCXX__)
#include <ranges>
#endif
