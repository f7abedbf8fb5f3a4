class SteppingTime:
    """Stands for the module `time`: each look at it advances it by half a second, so that every run is the same."""

    now = 0.0

    def time(self):
        self.now += 0.5
        return self.now


time = SteppingTime()


# [sleep]
def sleep(secs, coro_number):
    start = time.time()
    while True:
        if time.time() - start > secs:
            print(f'Coroutine {coro_number} finished sleeping')
            return f'Done in {time.time() - start:.2f}s'
        msg = yield 'Not finished sleeping'
        print(f'Coroutine {coro_number} received message: {msg}')
# [sleep]


# [main_loop]
def run_loop():
    print('Starting main loop...')
    start = time.time()
    coro1 = sleep(2, 1)
    coro2 = sleep(3, 2)
    # prime coroutines
    next(coro1)
    next(coro2)
    current_coro = 'coro1'
    finished_coros = []
    results = []
    while True:
        if current_coro == 'coro1' and current_coro not in finished_coros:
            try:
                response = coro1.send('Are you awake coro1?')
                print(response)
            except StopIteration as e:
                finished_coros.append('coro1')
                results.append(e.value)
            if 'coro2' not in finished_coros:
                current_coro = 'coro2'
        elif current_coro == 'coro2' and current_coro not in finished_coros:
            try:
                response = coro2.send('Are you awake coro2?')
                print(response)
            except StopIteration as e:
                finished_coros.append('coro2')
                results.append(e.value)
            if 'coro1' not in finished_coros:
                current_coro = 'coro1'
        if 'coro1' in finished_coros and 'coro2' in finished_coros:
            print('Completed.')
            break
    print(f'Main loop finished in {time.time() - start:.2f}s')
    print('results', results)
# [main_loop]


run_loop()
