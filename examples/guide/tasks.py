import asyncio


# [coroutine]
async def fetch(name, delay):
    print(name, 'begins')
    await asyncio.sleep(delay)
    print(name, 'ends')
    return len(name)
# [coroutine]


# [await]
async def one_after_the_other():
    one = await fetch('one', 0.01)
    three = await fetch('three', 0.01)
    print(one + three)
# [await]


# [gather]
async def together():
    one, three = await asyncio.gather(
        fetch('one', 0.05), fetch('three', 0.01))
    print(one + three)
# [gather]


# [create_task]
async def in_the_background():
    seven = asyncio.create_task(fetch('seven', 0.05), name='seven')
    print(seven.get_name(), seven.done())
    await asyncio.sleep(0.01)
    print('meanwhile')
    length = await seven
    print(length, seven.done())
# [create_task]


# [as_completed]
async def as_they_come():
    tasks = [
        asyncio.create_task(fetch('three', 0.06)),
        asyncio.create_task(fetch('eleven', 0.01)),
    ]
    for following in asyncio.as_completed(tasks):
        length = await following
        print(length)
# [as_completed]


# [wait]
async def the_first():
    tasks = [
        asyncio.create_task(fetch('three', 0.06)),
        asyncio.create_task(fetch('eleven', 0.01)),
    ]
    done, pending = await asyncio.wait(
        tasks, return_when=asyncio.FIRST_COMPLETED)
    print(len(done), 'done', len(pending), 'pending')
    for each in pending:
        each.cancel()
# [wait]


# [queue]
async def produce(items):
    for i in range(3):
        await items.put(i)
        print('put', i)
    items.shutdown()


async def consume(items):
    try:
        while True:
            item = await items.get()
            print('got', item)
    except asyncio.QueueShutDown:
        print('no more')


async def through_a_queue():
    items = asyncio.Queue(maxsize=1)
    await asyncio.gather(produce(items), consume(items))
# [queue]


# [async_generator]
async def ticks(n):
    for i in range(n):
        await asyncio.sleep(0.01)
        yield i


async def count():
    async for tick in ticks(3):
        print('tick', tick)
# [async_generator]


# [future]
async def from_a_callback():
    loop = asyncio.get_running_loop()
    answer = loop.create_future()
    loop.call_later(0.01, lambda: answer.set_result(42))
    print(await answer)
# [future]


# [thread]
def slow_square(n):  # an ordinary function, that blocks
    return n * n


async def beside_the_loop():
    print(await asyncio.to_thread(slow_square, 7))
# [thread]


# [main]
async def main():
    await one_after_the_other()
    await together()
    await in_the_background()
    await as_they_come()
    await the_first()
    await through_a_queue()
    await count()
    await from_a_callback()
    await beside_the_loop()


asyncio.run(main())
# [main]
