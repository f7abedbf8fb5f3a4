"""The loop, futures and coroutines: items 24 to 43 of the fine print."""

from cases import *


@case("24 a coroutine is awaited once")
async def _():
    c = value(1)
    say(await c)
    say(await error_in(c))


@case("25 StopIteration does not leave a coroutine")
async def _():
    async def stops():
        raise StopIteration

    error = await error_in(stops())
    say(error, "from", error.__cause__)


@case("31 call_soon is first in, first out, batch by batch")
async def _():
    loop = asyncio.get_running_loop()
    later = []

    def first():
        say("first")
        loop.call_soon(say, "added meanwhile")
        later[0].cancel()

    loop.call_soon(first)
    later.append(loop.call_soon(say, "never"))
    loop.call_soon(say, "third")
    await asyncio.sleep(0)
    say("a turn later")
    await asyncio.sleep(0)
    say("and another")


@case("32 call_later of zero runs behind what is ready")
async def _():
    loop = asyncio.get_running_loop()
    loop.call_later(0, say, "timer")
    loop.call_later(-5, say, "negative timer")
    loop.call_soon(say, "soon")
    await asyncio.sleep(0)
    say("a turn later")
    await asyncio.sleep(0)
    say("and another")


@case("33 equal deadlines fire in the order of creation")
async def _():
    loop = asyncio.get_running_loop()
    for i in range(6):
        loop.call_later(5, say, i)
    loop.call_at(5, say, 6)
    loop.call_later(4, say, "before")
    await asyncio.sleep(5)
    say("slept")


@case("34 sleep of zero or less yields one turn, and what is there yields none")
async def _():
    say(await turns(asyncio.sleep(0)), await turns(asyncio.sleep(-1)))
    done = asyncio.get_running_loop().create_future()
    done.set_result(1)
    say("future", await turns(done))
    lock, queue = asyncio.Lock(), asyncio.Queue()
    queue.put_nowait(1)
    say("lock", await turns(lock.acquire()), "queue", await turns(queue.get()), "coroutine", await turns(value(1)))


@case("35 how many turns each takes")
async def _():
    say("task", await turns(asyncio.create_task(value(1))))
    say("gather", await turns(asyncio.gather(value(1), value(2))))
    say("wait", await turns(asyncio.wait([asyncio.create_task(value(1))])))
    say("shield", await turns(asyncio.shield(value(1))))
    say("wait_for", await turns(asyncio.wait_for(value(1), 5)))

    async def group():
        async with virtual_loop.TaskGroup() as g:
            g.create_task(value(1))

    say("group", await turns(group()))


@case("36 futures in the wrong state")
async def _():
    f = asyncio.get_running_loop().create_future()
    say(error_of(f.result), error_of(f.exception))
    f.set_result(1)
    say(error_of(lambda: f.set_result(2)), error_of(lambda: f.set_exception(ValueError("e"))), f.cancel())
    c = asyncio.get_running_loop().create_future()
    say(c.cancel(), c.cancel(), error_of(c.result), error_of(c.exception), error_of(lambda: c.set_result(1)))
    s = asyncio.get_running_loop().create_future()
    say(error_of(lambda: s.set_exception(StopIteration())))
    say(s.exception() if s.done() else "pending")


@case("37 done callbacks come through call_soon, in order")
async def _():
    f = asyncio.get_running_loop().create_future()
    removed = lambda _: say("removed")
    f.add_done_callback(lambda _: say("one"))
    f.add_done_callback(removed)
    f.add_done_callback(lambda _: say("two"))
    f.remove_done_callback(removed)
    f.set_result(1)
    f.add_done_callback(lambda _: say("three"))
    say("set")
    await f
    say("awaited, which takes no turn")
    await asyncio.sleep(0)
    say("a turn later")


@case("38 an exception that nobody asks for is reported")
async def _():
    f = asyncio.get_running_loop().create_future()
    f.set_exception(ValueError("of a future"))
    del f
    t = asyncio.create_task(failing("of a task"))
    await asyncio.sleep(1)
    del t
    seen = asyncio.create_task(failing("seen"))
    await asyncio.sleep(1)
    say(seen.exception())
    del seen
    cancelled = asyncio.create_task(failing("known to whoever cancels it"))
    await asyncio.sleep(1)
    say(cancelled.cancel())
    del cancelled

    def raises():
        raise ValueError("of a callback")

    asyncio.get_running_loop().call_soon(raises)
    await asyncio.sleep(0)


@case("39 a loop that runs does not run again")
async def _():
    loop = asyncio.get_running_loop()
    say(error_of(loop._check_running))  # run_forever itself, refusing, forgets which loop is running
    say(error_of(loop.close))


@case("43 a task cannot await itself")
async def _():
    tasks = []

    async def body():
        await tasks[0]

    tasks.append(asyncio.create_task(body()))
    say(str(await error_in(tasks[0])).split(":")[0])
