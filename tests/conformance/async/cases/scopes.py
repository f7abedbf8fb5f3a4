"""Task groups, exception groups, timeouts: items 52 to 60 of the fine print."""

from cases import *

TaskGroup = virtual_loop.TaskGroup


async def group_error(body):
    """What a group with this body raises."""

    async def run():
        async with TaskGroup() as group:
            await body(group)

    return await error_in(run())


@case("52 the errors of a group: the children's in the order of failing, then the body's")
async def _():
    async def several(group):
        group.create_task(failing("late", 1))
        group.create_task(failing("now"))
        group.create_task(sleeper("other", 5))
        try:
            await asyncio.sleep(5)
        finally:
            raise TypeError("of the body")

    say(await group_error(several))

    async def one(group):
        group.create_task(failing("only"))

    say(await group_error(one))

    async def body_only(group):
        group.create_task(sleeper("child", 5))
        await asyncio.sleep(1)
        raise ValueError("of the body")

    say(await group_error(body_only))

    async def nested(group):
        async def inner():
            say("inner", await group_error(one))
            raise ValueError("outer")

        group.create_task(inner())

    say(await group_error(nested))


@case("53 a child that is cancelled by itself does not fail the group")
async def _():
    async def body(group):
        child = group.create_task(sleeper("child", 5))
        other = group.create_task(sleeper("other", 3))
        await asyncio.sleep(1)
        child.cancel()

    say(await group_error(body))


@case("54 the group takes its own cancel of its parent back")
async def _():
    async def fails(group):
        group.create_task(failing("child", 1))
        await error_in(asyncio.sleep(5))
        say("cancelling", asyncio.current_task().cancelling())

    say(await group_error(fails), asyncio.current_task().cancelling())
    await asyncio.sleep(1)
    say("goes on")

    async def parent():
        async def body(group):
            async def child():
                try:
                    await asyncio.sleep(5)
                finally:
                    raise ValueError("while cancelled")

            group.create_task(child())
            await asyncio.sleep(5)

        say(await group_error(body), asyncio.current_task().cancelling())
        say(await error_in(asyncio.sleep(1)))
        return 4

    t = asyncio.create_task(parent())
    await asyncio.sleep(1)
    t.cancel()
    say(await t)

    waits = asyncio.create_task(group_error(lambda group: waits_for_stubborn(group)))

    async def waits_for_stubborn(group):
        group.create_task(stubborn("stubborn", 9, 3))

    await asyncio.sleep(1)
    waits.cancel()
    await asyncio.sleep(1)
    waits.cancel()
    say(await waits)


@case("55 a group refuses tasks when it is not open")
async def _():
    group = TaskGroup()
    say(error_of(lambda: group.create_task(value(1))))
    async with group:
        group.create_task(sleeper("child", 2))
        say(error_of(lambda: None))
        say(await error_in(group.__aenter__()))
    say(error_of(lambda: group.create_task(value(1))))

    async def refused(g):
        async def refuses():
            try:
                await asyncio.sleep(5)
            finally:
                say(error_of(lambda: g.create_task(value(1))))

        g.create_task(refuses())
        g.create_task(failing("fails", 1))

    say(await group_error(refused))


@case("56 exception groups")
async def _():
    say(error_of(lambda: ExceptionGroup("empty", [])))
    inner = ExceptionGroup("inner", [ValueError("one"), TypeError("two")])
    outer = ExceptionGroup("outer", [inner, DemoError("three"), ValueError("four")])
    say(outer)
    match, rest = outer.split(ValueError)
    say(match, "/", rest)
    say(outer.subgroup(TypeError))
    say(outer.subgroup(RuntimeError) is None)
    match, rest = outer.split(ExceptionGroup)
    say(match, rest is None)
    match, rest = outer.split(lambda e: str(e) in ("one", "three"))
    say(match, "/", rest)


async def timeout_error(delay, body):
    async def run():
        async with asyncio.timeout(delay) as limit:
            await body(limit)

    return await error_in(run())


@case("57 a timeout raises TimeoutError only if the cancel was its own")
async def _():
    async def sleeps(_):
        await asyncio.sleep(5)

    error = await timeout_error(2, sleeps)
    say(error, error.__cause__, asyncio.current_task().cancelling())

    async def both():
        async def cancelled_too(_):
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError:
                asyncio.current_task().cancel()
                raise

        say(await timeout_error(2, cancelled_too), asyncio.current_task().cancelling())
        await asyncio.sleep(1)

    say(await error_in(asyncio.create_task(both())))


@case("58 timeouts at the edges")
async def _():
    async def suspends(limit):
        say("runs")
        await asyncio.sleep(0)
        say("never")

    say(await timeout_error(0, suspends))

    async def does_not_suspend(limit):
        say(await value(1), limit.expired())

    say(await timeout_error(0, does_not_suspend))

    async def swallows(limit):
        say(await error_in(asyncio.sleep(5)), limit.expired())

    say(await timeout_error(1, swallows))

    async def other_error(limit):
        await error_in(asyncio.sleep(5))
        raise ValueError("instead")

    say(await timeout_error(1, other_error))

    async def inner(limit):
        say("inner", await timeout_error(9, lambda _: asyncio.sleep(20)))

    say("outer", await timeout_error(2, inner))

    outside = asyncio.create_task(timeout_error(5, lambda _: asyncio.sleep(9)))
    await asyncio.sleep(1)
    outside.cancel()
    say("from outside", await outside)

    async def rescheduled(limit):
        limit.reschedule(asyncio.get_running_loop().time() + 4)
        await asyncio.sleep(3)
        limit.reschedule(None)
        await asyncio.sleep(9)
        say("when", limit.when() is None)

    say(await timeout_error(1, rescheduled))


@case("59 a timeout in the wrong state")
async def _():
    limit = asyncio.timeout(1)
    say(error_of(lambda: limit.reschedule(5)))
    async with limit:
        say(await error_in(limit.__aenter__()))
    say(error_of(lambda: limit.reschedule(5)), limit.expired())
    say(await error_in(limit.__aenter__()))

    async def late(timeout):
        await error_in(asyncio.sleep(5))
        say(error_of(lambda: timeout.reschedule(9)))
        kept.append(timeout)

    kept = []
    say(await timeout_error(1, late))
    say(error_of(lambda: kept[0].reschedule(9)), kept[0].expired())


@case("60 wait_for")
async def _():
    async def slow_to_end():
        try:
            await asyncio.sleep(9)
        finally:
            await asyncio.sleep(3)
            say("cleaned up")

    say(await error_in(asyncio.wait_for(slow_to_end(), 2)))
    say(await asyncio.wait_for(stubborn("late", 9, 2), 1))

    async def another_error():
        try:
            await asyncio.sleep(9)
        finally:
            raise ValueError("another")

    say(await error_in(asyncio.wait_for(another_error(), 1)))
    say(await error_in(asyncio.wait_for(sleeper("never runs", 0), 0)))
    t = asyncio.create_task(sleeper("task", 9))
    await asyncio.sleep(0)
    say(await error_in(asyncio.wait_for(t, 0)), t.cancelled())
    done = asyncio.create_task(value(5))
    await done
    say(await asyncio.wait_for(done, 0), await asyncio.wait_for(value(6), None))
    outside = asyncio.create_task(asyncio.wait_for(sleeper("inside", 9), 5))
    await asyncio.sleep(1)
    outside.cancel()
    say(await error_in(outside))
