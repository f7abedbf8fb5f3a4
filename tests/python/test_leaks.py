"""Nothing is left behind by crossings: neither objects, nor references, nor memory.

FERMATA_CROSSINGS: how many there are of each kind (default 20,000). Under a debug build of Python, with a module built for it,
the references of the whole interpreter are counted too.
"""

import asyncio
import gc
import os
import sys
import unittest

import bridge

CROSSINGS = int(os.environ.get("FERMATA_CROSSINGS", 20_000))
ROUNDS = 4
# AddressSanitizer holds back what is freed: what the process has of memory says nothing then.
MEMORY_TELLS = "asan" not in os.environ.get("LD_PRELOAD", "")


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def pythons():
    while True:
        yield 1


class Leaks(unittest.TestCase):
    def check(self, cross):
        """Calls cross(n) in rounds: each leaves what the one before it left."""
        seen = []
        watched = [None, True, bridge.countdown, bridge.echo, pythons, ValueError, self.sentinel]
        for _ in range(ROUNDS):
            cross(CROSSINGS // ROUNDS)
            gc.collect()
            total = sys.gettotalrefcount() if hasattr(sys, "gettotalrefcount") else 0
            seen.append((resident(), sys.getallocatedblocks(), total, [sys.getrefcount(each) for each in watched]))
        # The first round fills caches and pools. A leak of one a crossing would be thousands.
        few = max(CROSSINGS // ROUNDS // 20, 400)
        memory, blocks, total, counts = zip(*seen[1:])
        self.assertLess(blocks[-1] - blocks[0], few)
        self.assertLess(total[-1] - total[0], few)
        for name, count in zip(watched, zip(*counts)):
            self.assertLess(abs(count[-1] - count[0]), few, name)
        if MEMORY_TELLS:
            self.assertLess(memory[-1] - memory[0], max(16 * CROSSINGS, 1 << 20))

    sentinel = object()

    def test_next(self):
        def cross(n):
            for _ in zip(range(n), bridge.countdown(n + 1)):
                pass

        self.check(cross)

    def test_objects_sent_and_yielded(self):
        def cross(n):
            g = bridge.echo()
            next(g)
            for _ in range(n):
                self.assertIs(g.send(self.sentinel), self.sentinel)

        self.check(cross)

    def test_generators_made_used_and_ended(self):
        def cross(n):
            for i in range(n):
                g = bridge.countdown(1)
                try:
                    next(g)
                    next(g)
                except StopIteration as e:
                    assert e.value == "liftoff"
                bridge.holds(self.sentinel)  # dropped before its start
                next(bridge.holds(self.sentinel))  # and in the middle

        self.check(cross)

    def test_exceptions_thrown_in_and_caught(self):
        def cross(n):
            g = bridge.catcher()
            next(g)
            for _ in range(n):
                g.throw(ValueError(self.sentinel))
            for _ in range(n // 4):
                g = bridge.countdown(1)
                next(g)
                try:
                    g.throw(KeyError(self.sentinel))
                except KeyError:
                    pass

        self.check(cross)

    def test_python_in_c_plus_plus_in_python(self):
        def cross(n):
            for _ in zip(range(n), bridge.items(pythons())):
                pass
            for _ in range(n // 4):
                list(bridge.delegates([self.sentinel]))

        self.check(cross)

    def test_cycles(self):
        def cross(n):
            for _ in range(n // 10):
                cycle = [self.sentinel]
                cycle.append(bridge.holds(cycle))
                next(cycle[1])

        self.check(cross)

    def test_tasks(self):
        async def python(value):
            return value

        async def main(n):
            for _ in range(n):
                await bridge.doubles(1)
            for _ in range(n // 10):
                await bridge.sleeps(0, "x")
                assert await bridge.awaits(python(self.sentinel)) is self.sentinel
                waiting = asyncio.create_task(bridge.swallows_cancellation())
                await asyncio.sleep(0)
                waiting.cancel()
                await waiting

        self.check(lambda n: asyncio.run(main(n)))


if __name__ == "__main__":
    unittest.main()
