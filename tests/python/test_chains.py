"""Chains of coroutines of both languages that await each other, cancelled at random: no cancellation is lost, as in Python's own.

FERMATA_CHAINS=100000 tries as many, in place of 500.
"""

import asyncio
import os
import random
import unittest
import warnings

import bridge

CHAINS = int(os.environ.get("FERMATA_CHAINS", "500"))
RESULT = "a result"


class Python:
    """What the bridge has, in Python."""

    @staticmethod
    async def sleeps(seconds, result):
        await asyncio.sleep(seconds)
        return result

    @staticmethod
    async def awaits(awaitable):
        return await awaitable

    @staticmethod
    async def awaits_for(seconds, awaitable):
        async with asyncio.timeout(seconds):
            return await awaitable


async def takes_turns(turns, seconds):
    for _ in range(turns):
        await asyncio.sleep(seconds)
    return RESULT


async def in_a_thread():
    return await asyncio.to_thread(lambda: RESULT)


async def in_a_task(awaitable):
    return await asyncio.create_task(Python.awaits(awaitable))


def done_after(turns):
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def go_on(left):
        if future.done():
            return
        if left == 0:
            future.set_result(RESULT)
        else:
            loop.call_soon(go_on, left - 1)

    go_on(turns)
    return future


def chain(other, chosen, depth):
    """Of as many coroutines, of Python and of `other`, one awaiting the next."""
    if depth == 0:
        ends = (
            lambda: takes_turns(chosen.randrange(4), chosen.choice((0, 0, 0.0005))),
            lambda: other.sleeps(chosen.choice((0, 0.0003)), RESULT),
            lambda: done_after(chosen.randrange(1, 5)),
            in_a_thread,
        )
        return chosen.choice(ends)()
    links = (Python.awaits, other.awaits, lambda awaitable: other.awaits_for(10.0, awaitable), in_a_task)
    return chosen.choice(links)(chain(other, chosen, depth - 1))


class Chains(unittest.IsolatedAsyncioTestCase):
    async def test_a_cancellation_that_was_in_time_is_never_lost(self):
        for other in Python, bridge:
            if other is Python and not hasattr(asyncio, "timeout"):  # before 3.11
                continue
            cancelled = 0
            for seed in range(CHAINS):
                with self.subTest(other, seed=seed), warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)  # "never awaited": the chain was cancelled first
                    cancelled += await self.cancel_one(other, random.Random(seed))
            self.assertTrue(CHAINS // 10 < cancelled < CHAINS, f"{cancelled} of {CHAINS} were in time")

    async def cancel_one(self, other, chosen):
        """Whether the cancellation was in time."""
        running = asyncio.create_task(Python.awaits(chain(other, chosen, chosen.randrange(1, 6))))
        await takes_turns(chosen.randrange(25), 0)
        is_in_time = False
        for _ in range(chosen.choice((1, 1, 1, 2))):
            is_in_time = running.cancel() or is_in_time
            await takes_turns(chosen.randrange(3), 0)
        done, _ = await asyncio.wait([running], timeout=10)
        self.assertTrue(done, "it hangs")
        self.assertEqual(running.cancelled(), is_in_time)
        if not is_in_time:
            self.assertEqual(running.result(), RESULT)
        return is_in_time


if __name__ == "__main__":
    unittest.main()
