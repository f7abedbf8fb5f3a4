import asyncio
import errno
import itertools
import os
import random
import sys
import types
import unittest
from unittest import mock


async def answer_that_never_comes():
    await asyncio.Event().wait()


# [test]
class Client(unittest.IsolatedAsyncioTestCase):
    async def test_gives_up_after_a_second(self):
        # And a second is what it takes.
        with self.assertRaises(TimeoutError):
            await asyncio.wait_for(answer_that_never_comes(), 1)
# [test]


# [stock]
class Stock:
    def __init__(self):
        self.items = 1

    async def sell(self):
        if self.items == 0:
            return False
        await asyncio.sleep(0)  # the payment
        self.items -= 1         # is it still there?
        return True
# [stock]


async def later(shop):
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return await shop.sell()


# [race]
async def sells_no_more_than_it_has():
    shop = Stock()
    await asyncio.gather(shop.sell(), later(shop))
    if shop.items < 0:
        raise RuntimeError("sold twice")
# [race]


# [explore]
class Shuffled(asyncio.SelectorEventLoop):
    def __init__(self, seed):
        super().__init__()
        self.random = random.Random(seed)

    def _run_once(self):  # asyncio's own, and private
        ready, pick = self._ready, self.random
        pick.shuffle(ready)
        left = pick.randrange(len(ready) or 1)
        behind = [ready.pop() for _ in range(left)]
        super()._run_once()
        ready.extend(behind)


def explore(times, program):
    for seed in range(times):
        loop = lambda: Shuffled(seed)
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(program())


class Shop(unittest.IsolatedAsyncioTestCase):
    def test_hides_its_race_in_fifo_order_and_shows_it_in_others(self):
        asyncio.run(sells_no_more_than_it_has())
        with self.assertRaisesRegex(RuntimeError, "sold twice"):
            explore(1000, sells_no_more_than_it_has)
# [explore]

    # [cancel]
    @staticmethod
    @types.coroutine
    def cancelled(coroutine, place):
        for each in itertools.count():
            try:
                if each == place:
                    waited = coroutine.throw(asyncio.CancelledError())
                else:
                    waited = coroutine.send(None)
            except StopIteration as end:
                return end.value
            yield waited

    async def test_can_be_cancelled_anywhere(self):
        async def program(till):
            async with till:
                await asyncio.sleep(0.01)

        for place in itertools.count(1):
            till = asyncio.Lock()
            try:
                await self.cancelled(program(till), place)
                break  # it has no such place
            except asyncio.CancelledError:
                self.assertFalse(till.locked())
        self.assertGreater(place, 1)
    # [cancel]

    # [failures]
    @staticmethod
    def failing(function, call):
        calls = itertools.count(1)

        def called(*arguments):
            if next(calls) == call:
                raise OSError(errno.EIO, "failed")
            return function(*arguments)

        return called

    async def test_stands_whatever_fails(self):
        async def program(till):
            async with till:
                till_side, card_side = os.pipe()
                try:
                    os.write(card_side, b"paid\n")
                    os.read(till_side, 100)
                finally:
                    os.close(till_side)
                    os.close(card_side)

        for name in "pipe", "write", "read":
            till = asyncio.Lock()
            failing = self.failing(getattr(os, name), 1)
            with mock.patch.object(os, name, failing):
                with self.assertRaises(OSError):
                    await program(till)
            self.assertFalse(till.locked())
    # [failures]


if __name__ == "__main__":
    unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stdout, verbosity=2))
