import asyncio
import time


# [sleep]
async def sleep(secs, coro_number):
    start = time.monotonic()
    await asyncio.sleep(secs)
    print(f'Coroutine {coro_number} finished sleeping')
    return f'Done in {time.monotonic() - start:.1f}s'
# [sleep]


# [main]
async def main():
    return await asyncio.gather(sleep(2, 1), sleep(3, 2))
# [main]


def run_loop():
    print('Starting event loop...')
    start = time.monotonic()
    cpu = time.process_time()
    # [run]
    results = asyncio.run(main())
    # [run]
    print('Completed.')
    print(f'Event loop finished in {time.monotonic() - start:.1f}s')
    print(f'CPU time {time.process_time() - cpu:.1f}s')
    print('results', results)


run_loop()
