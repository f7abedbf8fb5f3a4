"""Imports the consumer's module, and uses what is in it."""

import asyncio

import stats

average = stats.averager()
print(next(average), average.send(10), average.send(20))
try:
    average.send(None)
except StopIteration as end:
    print("returned", end.value)

closed = stats.averager()
next(closed)
closed.close()
print(next(closed, "closed"))

try:
    stats.averager().send(1)
except TypeError as error:
    print(error)

print(asyncio.run(stats.twice(21)))
try:
    asyncio.run(stats.too_late())
except TimeoutError:
    print("too late")
