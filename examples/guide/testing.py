import asyncio
import sys
import unittest


async def answer_that_never_comes():
    await asyncio.Event().wait()


# [test]
class Client(unittest.IsolatedAsyncioTestCase):
    async def test_gives_up_after_a_moment(self):
        with self.assertRaises(TimeoutError):
            await asyncio.wait_for(answer_that_never_comes(), 0.1)
# [test]


unittest.main(testRunner=unittest.TextTestRunner(stream=sys.stdout))
