#pragma once

/// \file
/// std::allocator_arg and std::allocator_traits. <memory> alone is twice what <fermata/generator.hpp> may cost; in
/// libstdc++ there are headers for just these.

#include <cstddef>

#if defined(__GLIBCXX__)
#include <bits/alloc_traits.h>
#include <bits/uses_allocator.h>
#else
#include <memory>
#endif
