# [averager2]
def averager2():
    total = 0.0
    count = 0
    average = None
    while True:
        term = yield
        if term is None:
            break  # in order to return a value, a coroutine must terminate normally
        total += term
        count += 1
        average = total / count
    return {'count': count, 'average': average}
# [averager2]


# [result]
coro = averager2()
next(coro)  # prime the coroutine, can also be done using `coro.send(None)`
coro.send(3)
coro.send(10)
coro.send(34)
coro.send(3)
try:
    coro.send(None)
except StopIteration as e:
    print(e.value)  # {'count': 4, 'average': 12.5}
# [result]
