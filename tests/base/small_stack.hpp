#pragma once

// A stack of 256 KiB, where as little as one byte a level, or a turn of a loop, would show within a million of them.

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <pthread.h>

namespace support {

inline void* call_on_it(void* body) {
    (*static_cast<const std::function<void()>*>(body))();
    return nullptr;
}

/// Runs the body in a thread of its own.
inline void on_a_small_stack(const std::function<void()>& body) {
    pthread_attr_t attributes;
    ASSERT_EQ(pthread_attr_init(&attributes), 0);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::size_t{256} * 1024), 0);
    pthread_t thread;
    ASSERT_EQ(pthread_create(&thread, &attributes, &call_on_it, const_cast<std::function<void()>*>(&body)), 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

}  // namespace support
