#pragma once

/// \file
/// Python's asyncio. So far: the event loop.

#include <fermata/loop/callback.hpp>
#include <fermata/loop/clock.hpp>
#include <fermata/loop/event_loop.hpp>
#include <fermata/loop/port.hpp>
