"""Synchronisation and queues: items 65 to 70 of the fine print."""

from cases import *


@case("65 a lock and a semaphore are fair")
async def _():
    for label, lock in ("lock", asyncio.Lock()), ("semaphore", asyncio.Semaphore(1)):
        async def worker(number):
            for _ in range(2):
                async with lock:
                    say(label, number)
                    await asyncio.sleep(1)

        await asyncio.gather(worker(1), worker(2), worker(3))


@case("66 released too often, and waiting without the lock")
async def _():
    say(error_of(asyncio.Lock().release))
    say(await error_in(asyncio.Condition().wait()))
    say(error_of(asyncio.Condition().notify), error_of(asyncio.Condition().notify_all))
    say(error_of(asyncio.BoundedSemaphore(1).release))
    say(error_of(lambda: asyncio.Semaphore(-1)), error_of(lambda: asyncio.Barrier(0)))


@case("67 an event set and then cleared wakes all who wait")
async def _():
    event = asyncio.Event()

    async def waits(number):
        await event.wait()
        say(number, event.is_set())

    tasks = [asyncio.create_task(waits(n)) for n in range(3)]
    await asyncio.sleep(1)
    event.set()
    event.clear()
    await asyncio.gather(*tasks)


@case("67 a condition takes the lock again even when cancelled")
async def _():
    condition = asyncio.Condition()

    async def waits():
        async with condition:
            try:
                await condition.wait()
            except asyncio.CancelledError:
                say("cancelled", condition.locked())
                raise

    t = asyncio.create_task(waits())
    await asyncio.sleep(1)
    async with condition:
        t.cancel()
        await asyncio.sleep(3)
        t.cancel()
        await asyncio.sleep(1)
        say(t.done())
    say(await error_in(t), condition.locked())


@case("67 a condition with a predicate")
async def _():
    condition, items = asyncio.Condition(), []

    async def waits(number):
        async with condition:
            say(number, await condition.wait_for(lambda: len(items) >= number))

    tasks = [asyncio.create_task(waits(n)) for n in (2, 1, 0)]
    for _ in range(2):
        await asyncio.sleep(1)
        async with condition:
            items.append(1)
            condition.notify_all()
    await asyncio.gather(*tasks)


@case("68 a barrier")
async def _():
    barrier = asyncio.Barrier(2)

    async def comes(label):
        try:
            say(label, await barrier.wait())
        except asyncio.BrokenBarrierError as error:
            say(label, error)

    tasks = [asyncio.create_task(comes(n)) for n in "abcd"]
    await asyncio.gather(*tasks)
    one = asyncio.create_task(comes("reset"))
    await asyncio.sleep(1)
    say(barrier.n_waiting)
    await barrier.reset()
    await one
    two = asyncio.create_task(comes("aborted"))
    await asyncio.sleep(1)
    await barrier.abort()
    await two
    await comes("late")
    say(barrier.broken, barrier.n_waiting)
    await barrier.reset()
    gone = asyncio.create_task(comes("gone"))
    await asyncio.sleep(1)
    gone.cancel()
    say(await error_in(gone), barrier.n_waiting)
    await asyncio.gather(comes("x"), comes("y"))


async def gets(queue, label):
    try:
        say(label, await queue.get())
    except asyncio.QueueShutDown as error:
        say(label, error)


async def puts(queue, item):
    try:
        await queue.put(item)
        say("put", item)
    except asyncio.QueueShutDown as error:
        say("put", error)


@case("69 a queue that is shut down")
async def _():
    queue = asyncio.Queue(1)
    queue.put_nowait(1)
    waits = asyncio.create_task(puts(queue, 2))
    await asyncio.sleep(1)
    queue.shutdown()
    say(error_of(lambda: queue.put_nowait(3)))
    await waits
    await gets(queue, "drains")
    await gets(queue, "nothing left")
    say(error_of(queue.get_nowait))

    empty = asyncio.Queue()
    getter = asyncio.create_task(gets(empty, "waits"))
    await asyncio.sleep(1)
    empty.shutdown()
    await getter

    full = asyncio.Queue()
    for i in range(3):
        full.put_nowait(i)
    full.get_nowait()

    async def joins():
        await full.join()
        say("joined")

    joiner = asyncio.create_task(joins())
    await asyncio.sleep(1)
    full.shutdown(immediate=True)
    say(full.qsize(), joiner.done())
    full.task_done()
    await joiner


@case("70 queues: order, limits, task_done")
async def _():
    say(error_of(asyncio.Queue().task_done))
    queue = asyncio.Queue(2)
    say(error_of(queue.get_nowait))
    queue.put_nowait(1)
    queue.put_nowait(2)
    say(error_of(lambda: queue.put_nowait(3)), queue.full())
    waits = asyncio.create_task(puts(queue, 3))
    await asyncio.sleep(1)
    await gets(queue, "one")
    await waits
    await gets(queue, "two")
    await gets(queue, "three")
    for kind in asyncio.LifoQueue, asyncio.PriorityQueue:
        ordered = kind()
        for item in (2, 3, 1):
            ordered.put_nowait(item)
        say(ordered.get_nowait(), ordered.get_nowait(), ordered.get_nowait())
    first, second = asyncio.create_task(gets(queue, "first")), asyncio.create_task(gets(queue, "second"))
    await asyncio.sleep(1)
    queue.put_nowait(7)
    queue.put_nowait(8)
    say("before them", queue.get_nowait())
    queue.put_nowait(9)
    await asyncio.gather(first, second)
