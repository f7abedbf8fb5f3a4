import asyncio


# [cancel]
async def work():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        print('told to stop')
        raise


async def stop_it():
    working = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    working.cancel()
    try:
        await working
    except asyncio.CancelledError:
        print('stopped', working.cancelled())
# [cancel]


# [cleanup]
async def say_goodbye():
    await asyncio.sleep(0.01)
    print('goodbye')


async def polite():
    try:
        await asyncio.sleep(3600)
    finally:
        await say_goodbye()
# [cleanup]


# [cleanup_scope]
class Farewell:
    async def __aenter__(self):
        pass

    async def __aexit__(self, *raised):
        await say_goodbye()


async def polite_as_a_scope():
    async with Farewell():
        await asyncio.sleep(3600)
# [cleanup_scope]


async def stop_the_polite(polite):
    working = asyncio.create_task(polite())
    await asyncio.sleep(0.01)
    working.cancel()
    await asyncio.wait([working])
    print('stopped', working.cancelled())


# [shield]
async def save():
    await asyncio.sleep(0.03)
    print('saved')


async def save_whatever_happens():
    saving = asyncio.create_task(save())
    try:
        await asyncio.wait_for(asyncio.shield(saving), 0.01)
    except TimeoutError:
        print('not yet')
    await saving
# [shield]


# [not_started]
async def never_begun():
    early = asyncio.create_task(work())
    early.cancel()
    await asyncio.wait([early])
    print('never begun', early.cancelled())
# [not_started]


# [uncancel]
async def stubborn():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        left = asyncio.current_task().uncancel()
        print('not now,', left, 'left')
    await asyncio.sleep(0.01)
    return 'done after all'


async def ask_the_stubborn():
    working = asyncio.create_task(stubborn())
    await asyncio.sleep(0.01)
    working.cancel()
    print(working.cancelling())
    print(await working)
# [uncancel]


async def main():
    await stop_it()
    await stop_the_polite(polite)
    await stop_the_polite(polite_as_a_scope)
    await save_whatever_happens()
    await never_begun()
    await ask_the_stubborn()


asyncio.run(main())
