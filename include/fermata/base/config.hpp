#pragma once

/// \file
/// What the headers need to know of the compiler. There are no options here for users but FERMATA_FRAME_POOL.

#if defined(__has_feature)
#define FERMATA_DETAIL_HAS_FEATURE(feature) __has_feature(feature)
#else
#define FERMATA_DETAIL_HAS_FEATURE(feature) 0
#endif

/// Whether AddressSanitizer looks on.
#if defined(__SANITIZE_ADDRESS__) || FERMATA_DETAIL_HAS_FEATURE(address_sanitizer)
#define FERMATA_DETAIL_ASAN 1
#else
#define FERMATA_DETAIL_ASAN 0
#endif

/// Whether ThreadSanitizer does.
#if defined(__SANITIZE_THREAD__) || FERMATA_DETAIL_HAS_FEATURE(thread_sanitizer)
#define FERMATA_DETAIL_TSAN 1
#else
#define FERMATA_DETAIL_TSAN 0
#endif

/// 1: coroutine frames are recycled (see base/frame_pool.hpp). Under AddressSanitizer the default is 0, since a
/// recycled frame would hide its use after destruction.
#if !defined(FERMATA_FRAME_POOL)
#define FERMATA_FRAME_POOL (!FERMATA_DETAIL_ASAN)
#endif

/// Marks what is off the fast path, so that the compiler neither inlines it nor saves registers for it.
#if defined(__GNUC__)
#define FERMATA_DETAIL_COLD [[gnu::noinline, gnu::cold]]
#define FERMATA_DETAIL_NOINLINE [[gnu::noinline]]
#define FERMATA_DETAIL_INLINE [[gnu::always_inline]] inline
#define FERMATA_DETAIL_UNREACHABLE() __builtin_unreachable()
#else
#define FERMATA_DETAIL_COLD
#define FERMATA_DETAIL_NOINLINE
#define FERMATA_DETAIL_INLINE inline
#define FERMATA_DETAIL_UNREACHABLE() std::terminate()
#endif

/// A thread_local of a fast path. In fermata's shared library it is a load, not a call, as it is in a program. Not in others':
/// all that is loaded late, as Python's modules are, shares a kilobyte and a half of such memory.
/// The shared library's, and that of who links it, is one, though he hides what is his. An extension module that has a static
/// library inside has its own.
#if defined(__ELF__) && defined(FERMATA_DETAIL_SHARED_LIBRARY)
#define FERMATA_DETAIL_NEAR [[gnu::tls_model("initial-exec"), gnu::visibility("default")]]
#elif defined(__ELF__) && !defined(FERMATA_DETAIL_OWN_LIBRARY)
#define FERMATA_DETAIL_NEAR [[gnu::visibility("default")]]
#else
#define FERMATA_DETAIL_NEAR
#endif
