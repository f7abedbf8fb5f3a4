import asyncio


async def fetch(name, delay):
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        print(name, 'is cancelled')
        raise
    if name == 'bad':
        raise ValueError('no such name')
    print(name, 'is here')
    return name


# [group]
async def both():
    async with asyncio.TaskGroup() as group:
        one = group.create_task(fetch('one', 0.01))
        two = group.create_task(fetch('two', 0.04))
    print(one.result(), two.result())
# [group]


# [fails]
async def one_fails():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fetch('slow', 10))
            group.create_task(fetch('bad', 0.01))
    except* ValueError as errors:
        for error in errors.exceptions:
            print('ValueError:', error)
# [fails]


# [timeout]
async def in_time():
    try:
        async with asyncio.timeout(0.02):
            await fetch('late', 10)
    except TimeoutError:
        print('too late')

    async with asyncio.timeout(0.02) as limit:
        limit.reschedule(limit.when() + 10)
        await fetch('later', 0.04)
# [timeout]


# [wait_for]
async def one_await_in_time():
    try:
        await asyncio.wait_for(fetch('late', 10), 0.01)
    except TimeoutError:
        print('too late')
# [wait_for]


# [lock]
async def one_at_a_time():
    gate = asyncio.Lock()

    async def pass_through(name):
        async with gate:
            print(name, 'is in')
            await asyncio.sleep(0.01)

    await asyncio.gather(pass_through('first'), pass_through('second'))
# [lock]


# [scope]
class Connection:
    async def __aenter__(self):
        print('connected')
        return self

    async def __aexit__(self, kind, raised, traceback):
        await asyncio.sleep(0.01)
        print('closed after', 'an error' if raised else 'all went well')

    async def ask(self, question):
        return question + '!'


async def talk():
    async with Connection() as connection:
        print(await connection.ask('hello'))
    try:
        async with Connection():
            raise ValueError('something')
    except ValueError as error:
        print(error)
# [scope]


async def main():
    await both()
    await one_fails()
    await in_time()
    await one_await_in_time()
    await one_at_a_time()
    await talk()


asyncio.run(main())
