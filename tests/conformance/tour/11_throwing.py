class DemoException(Exception):
    pass


# [throwing]
def demo_exc_handling():
    print('started')
    while True:
        try:
            x = yield
        except DemoException:
            print('demo exception handled. continuing ...')
        else:
            print(f'coroutine received value of {x}')
# [throwing]


# [thrown]
coro = demo_exc_handling()
print(next(coro))  # prints 'started', returns None
coro.send(34)
coro.send(343444)
coro.throw(DemoException)
coro.send('hi')
# [thrown]
