"""shield, gather, wait, as_completed: items 61 to 63 of the fine print."""

from cases import *


@case("61 shield")
async def _():
    inner = asyncio.create_task(sleeper("inner", 3))
    outer = asyncio.shield(inner)
    await asyncio.sleep(1)
    say(outer.cancel(), inner.cancelling())
    say(await error_in(outer))
    say(await error_in(inner), inner.cancelled())

    inner = asyncio.create_task(sleeper("inner", 3))
    outer = asyncio.shield(inner)
    await asyncio.sleep(1)
    inner.cancel()
    say(await error_in(outer), outer.cancelled())

    fails = asyncio.create_task(failing("after the outer has gone", 2))
    outer = asyncio.shield(fails)
    await asyncio.sleep(1)
    outer.cancel()
    await asyncio.sleep(2)
    say(outer.cancelled(), fails.done())
    del fails
    say("reported before")


@case("62 gather")
async def _():
    say(*await asyncio.gather(value(1, 3), value(2, 1), value(3)))
    other = asyncio.create_task(sleeper("goes on", 4))
    say(await error_in(asyncio.gather(failing("first", 2), failing("second", 1), other)))
    await other
    given = await asyncio.gather(failing("kept", 1), value(4), return_exceptions=True)
    say(*given)
    say(len(await asyncio.gather()))

    gathered = asyncio.gather(stubborn("one", 9, 1), stubborn("two", 9, 2))
    await asyncio.sleep(1)
    say(gathered.cancel())
    say(await error_in(gathered), gathered.cancelled(), gathered.cancel())

    child = asyncio.create_task(sleeper("child", 5))
    gathered = asyncio.gather(child, value(1))
    await asyncio.sleep(1)
    child.cancel()
    say(await error_in(gathered), gathered.cancelled())

    child = asyncio.create_task(sleeper("child", 5))
    gathered = asyncio.gather(child, value(1), return_exceptions=True)
    await asyncio.sleep(1)
    child.cancel()
    say(*await gathered)

    same = asyncio.create_task(value(8, 1))
    say(*await asyncio.gather(same, same))


@case("63 wait")
async def _():
    def make():
        return [asyncio.create_task(value(1, 3)), asyncio.create_task(failing("two", 2)),
                asyncio.create_task(value(3, 1))]

    async def waited(label, tasks, **how):
        done, pending = await asyncio.wait(tasks, **how)
        say(label, len(done), len(pending))
        for each in tasks:
            if not each.done():
                await error_in(each)
            elif not each.cancelled():
                each.exception()

    await waited("first completed", make(), return_when=asyncio.FIRST_COMPLETED)
    await waited("first exception", make(), return_when=asyncio.FIRST_EXCEPTION)
    await waited("all", make())
    await waited("timeout", make(), timeout=2)
    await waited("timeout of zero", make(), timeout=0)
    say(await error_in(asyncio.wait([])))

    task = asyncio.create_task(sleeper("not cancelled", 3))
    waits = asyncio.create_task(asyncio.wait([task]))
    await asyncio.sleep(1)
    waits.cancel()
    say(await error_in(waits), task.cancelling())
    await task


@case("63 as_completed")
async def _():
    tasks = [asyncio.create_task(value(1, 3)), asyncio.create_task(failing("two", 2)),
             asyncio.create_task(value(3, 1))]
    for each in asyncio.as_completed(tasks):
        try:
            say(await each)
        except ValueError as error:
            say(error)
    slow = [asyncio.create_task(sleeper("slow", 5)), asyncio.create_task(sleeper("quick", 1))]
    for each in asyncio.as_completed(slow, timeout=3):
        say(await error_in(each))
    await slow[0]
