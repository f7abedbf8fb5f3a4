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


# [grouper]
def grouper(names):
    results = {}
    for name in names:
        results[name] = yield from averager2()
    return results
# [grouper]


# [sent]
coro = grouper(['heights', 'weights'])
next(coro)
coro.send(1.5)  # to the averager2 within
coro.send(1.75)
coro.send(None)  # ends it, and the next one begins
coro.send(60)
coro.send(75)
try:
    coro.send(None)
except StopIteration as e:
    print(e.value)
# [sent]
