# The warnings of our own targets; errors in the presets, whose compilers and flags were tried, and not where they may be any.
# Never exported and never linked by the library's interface: what a user's compiler says about a user's code is the user's
# affair.
option(FERMATA_WARNINGS_AS_ERRORS "Take the compiler's warnings for errors" OFF)
add_library(fermata_warnings INTERFACE)
target_compile_options(
    fermata_warnings
    INTERFACE
        -Wall
        -Wextra
        -Wpedantic
        $<$<BOOL:${FERMATA_WARNINGS_AS_ERRORS}>:-Werror>
        -Wcast-align
        -Wcast-qual
        -Wconversion
        -Wdouble-promotion
        -Wextra-semi
        -Wformat=2
        -Wimplicit-fallthrough
        -Wnon-virtual-dtor
        -Wold-style-cast
        -Woverloaded-virtual
        -Wshadow
        -Wsign-conversion
        -Wunused
        # clang only: g++ 12 warns of the code that it makes for a coroutine's frame
        $<$<CXX_COMPILER_ID:Clang>:-Wzero-as-null-pointer-constant>
        $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-branches>
        $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
        $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
        # g++ 12 sees overlapping copies in strings at -O3, CMake's own "Release": PR 105651
        $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
        # which g++ says of what a source keeps to itself, when that is included in another
        $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wno-subobject-linkage>
)
