"""Tasks and cancellation: items 44 to 51 of the fine print."""

from cases import *


@case("44 cancelled before its start, a task never runs")
async def _():
    t = asyncio.create_task(sleeper("t", 1))
    say(t.cancel(), t.cancelling(), t.done())
    say(await error_in(t), t.cancelled())


@case("45 two requests before a resume are one CancelledError")
async def _():
    async def body():
        for _ in range(2):
            try:
                await asyncio.sleep(5)
                say("slept")
            except asyncio.CancelledError:
                say("cancelled", asyncio.current_task().cancelling())

    t = asyncio.create_task(body())
    await asyncio.sleep(1)
    say(t.cancel(), t.cancel(), t.cancelling())
    say(await error_in(t), t.cancelled(), t.cancel())


@case("46 cancelling an outer task cancels what it awaits")
async def _():
    inner = asyncio.create_task(stubborn("inner", 10, 2))

    async def body():
        say("inner gave", await inner)

    outer = asyncio.create_task(body())
    await asyncio.sleep(1)
    say(outer.cancel(), inner.cancelling())
    say(await error_in(outer), outer.cancelled())


@case("47 result set and then cancelled in the same turn: cancelled")
async def _():
    f = asyncio.get_running_loop().create_future()

    async def waits():
        await f

    t = asyncio.create_task(waits())
    await asyncio.sleep(1)
    f.set_result(1)
    say(t.cancel())
    say(await error_in(t))

    q = asyncio.Queue()

    async def gets(label):
        say(label, "got", await q.get())

    one, two = asyncio.create_task(gets("one")), asyncio.create_task(gets("two"))
    await asyncio.sleep(1)
    q.put_nowait(1)
    one.cancel()
    say(await error_in(one))
    say(await error_in(two), q.qsize())

    s = asyncio.Semaphore(0)

    async def acquires(label):
        await s.acquire()
        say(label, "acquired")

    one, two = asyncio.create_task(acquires("one")), asyncio.create_task(acquires("two"))
    await asyncio.sleep(1)
    s.release()
    one.cancel()
    say(await error_in(one))
    say(await error_in(two))

    c = asyncio.Condition()

    async def waits_for_it(label):
        async with c:
            await c.wait()
            say(label, "notified")

    one, two = asyncio.create_task(waits_for_it("one")), asyncio.create_task(waits_for_it("two"))
    await asyncio.sleep(1)
    async with c:
        c.notify()
        one.cancel()
    say(await error_in(one))
    say(await error_in(two))


@case("48 a task that cancels itself")
async def _():
    async def returns():
        asyncio.current_task().cancel()
        return 1

    async def raises():
        asyncio.current_task().cancel()
        raise ValueError("raised")

    say(await error_in(asyncio.create_task(returns())))
    say(await error_in(asyncio.create_task(raises())))


@case("49 uncancel to zero before the delivery drops it")
async def _():
    t = asyncio.create_task(sleeper("t", 1))
    say(t.cancel(), t.cancel(), t.uncancel(), t.uncancel(), t.uncancel(), t.cancelling())
    say(await error_in(t))

    delivered = asyncio.create_task(sleeper("delivered", 5))
    await asyncio.sleep(1)
    say(delivered.cancel(), delivered.uncancel())
    say(await error_in(delivered))


@case("51 an eager task runs to its first suspension within its caller")
async def _():
    async def body(label, delay):
        say(label, "starts in", asyncio.current_task().get_name())
        if delay:
            await asyncio.sleep(delay)
        say(label, "ends")
        return 3

    def eagerly(coroutine, called):
        return asyncio.Task(coroutine, loop=asyncio.get_running_loop(), name=called, eager_start=True)

    one = eagerly(body("one", 2), "first")
    say("made", one.done())
    two = eagerly(body("two", 0), "second")
    say("made", two.done(), two.result())
    three = eagerly(failing("eager"), "third")
    say(three.done(), three.exception())
    say(await one, asyncio.current_task() is not one)
