import inspect


class DemoException(Exception):
    pass


def demo_exc_handling():
    print('started')
    while True:
        try:
            x = yield
        except DemoException:
            print('demo exception handled. continuing ...')
        else:
            print(f'coroutine received value of {x}')


# [supervisor]
def supervisor():
    while True:
        try:
            yield from demo_exc_handling()
        except ValueError as e:
            print('restarting after:', e)
# [supervisor]


coro = supervisor()
next(coro)
coro.send(34)
coro.throw(DemoException)  # handled within
coro.throw(ValueError('no such value'))  # not handled within: it arrives in the supervisor
coro.send('hi')
print(inspect.getgeneratorstate(coro))
coro.close()  # both
print(inspect.getgeneratorstate(coro))
