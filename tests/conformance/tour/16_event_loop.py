import asyncio
import time


async def sleep(secs, coro_number):
    start = time.monotonic()
    await asyncio.sleep(secs)
    print(f'Coroutine {coro_number} finished sleeping')
    return f'Done in {time.monotonic() - start:.1f}s'


async def main():
    return await asyncio.gather(sleep(2, 1), sleep(3, 2))


def run_loop():
    print('Starting event loop...')
    start = time.monotonic()
    cpu = time.process_time()
    results = asyncio.run(main())
    print('Completed.')
    print(f'Event loop finished in {time.monotonic() - start:.1f}s')
    print(f'CPU time {time.process_time() - cpu:.1f}s')
    print('results', results)


run_loop()
