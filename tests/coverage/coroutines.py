"""Has gcov tell of the bodies of coroutines.

g++ 12 compiles the body of a coroutine into a function of its own, the frame's "actor", and says that it is artificial: gcov leaves
it out, although its lines are counted. Here the notes of the compiler (.gcno) are told that it is not.
"""

import struct

FUNCTION = 0x01000000  # the tag of a function's record


def show(build):
    """In all notes below a directory; how many bodies there are."""
    return sum(show_in(path) for path in build.rglob("*.gcno"))


def show_in(path):
    notes = bytearray(path.read_bytes())

    def word(at):
        return struct.unpack_from("<I", notes, at)[0]

    if notes[:4] != b"oncg":
        raise ValueError(f"{path}: not notes of g++ for this machine")
    shown = 0
    at = 16  # behind magic, version, stamp, checksum
    at += 4 + word(at) + 4  # the directory; whether blocks that are not run are told of
    while at < len(notes):
        tag, length = word(at), word(at + 4)
        if tag == FUNCTION:
            name = at + 20  # behind tag, length, ident, two checksums
            artificial = name + 4 + word(name)
            if notes[name + 4 : artificial].endswith(b".actor\0"):
                struct.pack_into("<I", notes, artificial, 0)
                shown += 1
        at += 8 + length
    path.write_bytes(notes)
    return shown
