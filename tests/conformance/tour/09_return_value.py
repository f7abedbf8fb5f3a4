# [coro]
def coro():
    yield 5
    return 10
# [coro]


c = coro()
print(next(c))
try:
    next(c)  # falls off the function's body
except StopIteration:
    print('StopIteration')

c = coro()
# [value]
while True:
    try:
        print(next(c))
    except StopIteration as e:
        print(f'Value returned by coroutine is {e.value}')
        break
# [value]
