# [yield_from]
def countdown(n):
    while n > 0:
        yield n
        n -= 1
    return 'lift-off'


def launch():
    checks = [101, 102]
    yield from checks  # any iterable
    yield from range(10, 7, -1)
    result = yield from countdown(3)  # its return value
    print('countdown returned', result)
    yield 0
# [yield_from]


for value in launch():
    print(value)
