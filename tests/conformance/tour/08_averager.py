import inspect


# [averager]
def averager():
    total = 0.0
    count = 0
    average = None
    while True:
        term = yield average
        total += term
        count += 1
        average = total / count
# [averager]


# [send]
coro = averager()
print(inspect.getgeneratorstate(coro))  # 'GEN_CREATED'
print(next(coro))  # priming the coroutine
print(coro.send(10))
print(coro.send(20))
print(inspect.getgeneratorstate(coro))  # 'GEN_SUSPENDED'
coro.close()
print(inspect.getgeneratorstate(coro))  # 'GEN_CLOSED'
# [send]
