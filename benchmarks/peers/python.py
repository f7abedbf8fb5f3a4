#!/usr/bin/env python3
"""CPython's generators and asyncio, or uvloop: python.py [--uvloop] WORKLOAD N [once]

Does the workload of size N and prints one line of JSON, as the programs in C++ do (support/measured.hpp).
"""

import asyncio
import collections
import json
import os
import sys
import time

sys.setrecursionlimit(2_000_000_000)

ELEMENTS = 1_000


def require(done, what):
    if not done:
        sys.exit(f"not so: {what}")


# Generators


def count(n):
    for i in range(n):
        yield i


def step_opaque(n):
    total = 0
    for value in count(n):
        total += value
    require(total == n * (n - 1) // 2, "the sum of the values")
    return n


def create(n):
    total = 0
    for _ in range(n):
        for value in count(3):
            total += value
    require(total == 3 * n, "the sum of the values")
    return n


def echo():
    received = 0
    while True:
        received = yield received


def send(n):
    g = echo()
    value = next(g)
    for _ in range(n):
        value = g.send(value + 1)
    require(value == n, "the last value")
    return n


def count_at(depth):
    if depth == 0:
        yield from count(2_000_000_000)
    else:
        yield from count_at(depth - 1)


chain_of = {}


def delegate(n):
    chain_of[n] = count_at(n - 1)
    next(chain_of[n])


def yield_from(n):
    chain = chain_of[n]
    first = next(chain)
    for _ in range(ELEMENTS):
        last = next(chain)
    require(last == first + ELEMENTS, "the last value")
    return ELEMENTS


Node = collections.namedtuple("Node", "left right value")
tree_of = {}


def plant(n):
    def make(i):
        return Node(make(2 * i + 1), make(2 * i + 2), i) if i < n else None

    tree_of[n] = make(0)


def walk(at):
    if at.left:
        yield from walk(at.left)
    yield at.value
    if at.right:
        yield from walk(at.right)


def tree(n):
    require(sum(walk(tree_of[n])) == n * (n - 1) // 2, "the sum of the nodes")
    return n


def survive():
    survived = 0
    while True:
        try:
            yield survived
        except ValueError:
            survived += 1


def throw(n):
    g = survive()
    survived = next(g)
    for _ in range(n):
        survived = g.throw(ValueError())
    require(survived == n, "it survives each")
    return n


def count_and_clean_up(n):
    try:
        yield from range(n)
    except GeneratorExit:
        n = 0
        raise


def leave(n, make, close):
    total = 0
    for _ in range(n):
        g = make(3)
        total += next(g) + 1
        if close:
            g.close()
    require(total == n, "the first values")
    return n


def close_passing(n):
    return leave(n, count, True)


def close_catching(n):
    return leave(n, count_and_clean_up, True)


def destroy(n):
    return leave(n, count, False)


def raise_at(depth):
    if depth == 0:
        yield 1
        raise ValueError("enough")
    yield from raise_at(depth - 1)


def throw_through(n):
    caught = 0
    for _ in range(n):
        g = raise_at(10)
        first = next(g)
        try:
            next(g)
        except ValueError:
            caught += first
    require(caught == n, "each arrives")
    return n


# Tasks and the loop


def delay_of(i, n):
    return 1e-9 * (1 + 1_000_000_000 * (i * 7_919 % n) // n)


def turns_of(n):
    return 100 + 100_000 // n


async def one():
    return 1


async def await_child(n):
    total = 0
    for _ in range(n):
        total += await one()
    require(total == n, "each child gives 1")
    return n


async def gives_way(turns):
    for _ in range(turns):
        await asyncio.sleep(0)
    return turns


async def turn(n):
    turns = turns_of(n)
    tasks = [asyncio.create_task(gives_way(turns)) for _ in range(n)]
    taken = 0
    for task in tasks:
        taken += await task
    require(taken == n * turns, "each has had its turns")
    return taken


sleeping = []


async def put_to_sleep(n):
    sleeping.extend(asyncio.create_task(asyncio.sleep(3600)) for _ in range(n))
    await asyncio.sleep(0)


async def turn_beside_timers(_):
    return await turn(100)


async def produces(items, n):
    for i in range(n):
        await items.put(i)


async def queue(n):
    items = asyncio.Queue(16)
    producing = asyncio.create_task(produces(items, n))
    total = 0
    for _ in range(n):
        total += await items.get()
    await producing
    require(total == n * (n - 1) // 2, "the sum of the items")
    return n


left = 0


async def counts_down():
    global left
    left -= 1


async def spawn(n):
    global left
    left = n
    for task in [asyncio.create_task(counts_down()) for _ in range(n)]:
        await task
    require(left == 0, "all have run")
    return n


async def chained(depth):
    if depth == 0:
        await asyncio.sleep(0)
        return 0
    return await chained(depth - 1) + 1


async def chain(n):
    require(await chained(n) == n, "each level adds 1")
    return n


async def naps(delay):
    global left
    await asyncio.sleep(delay)
    left -= 1


async def sleep(n):
    global left
    left = n
    for task in [asyncio.create_task(naps(delay_of(i, n))) for i in range(n)]:
        await task
    require(left == 0, "all have woken")
    return n


async def cancel(n):
    tasks = [asyncio.create_task(naps(3600)) for _ in range(n)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    require(all(task.cancelled() for task in tasks), "each is cancelled")
    return n


GENERATORS = (step_opaque, create, send, yield_from, tree, throw, close_passing, close_catching, destroy, throw_through)
LOOP = (await_child, turn, turn_beside_timers, queue, spawn, chain, sleep, cancel)
PREPARE = {yield_from: delegate, tree: plant, turn_beside_timers: put_to_sleep}


def status_bytes(field):
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field))


def repeat(run, n, repetitions):
    start = time.process_time()
    units = sum(run(n) for _ in range(repetitions))
    return units, time.process_time() - start


def measure(run, n):
    """As measured.cpp does it."""
    enough = 0.06
    repetitions = 1
    run(n)
    while True:
        units, seconds = repeat(run, n, repetitions)
        if seconds > enough / 2:
            return units, seconds
        repetitions *= min(100, int(enough / (seconds + 1e-6)) + 1)


def in_a_loop(with_uvloop):
    """What runs a coroutine in one loop, which lives as long as the program."""
    if with_uvloop:
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    else:
        runner = asyncio.Runner()
    return lambda body: lambda n: runner.run(body(n))


def main():
    arguments = sys.argv[1:]
    with_uvloop = arguments[:1] == ["--uvloop"]
    name, n, *how = arguments[with_uvloop:]
    n = int(n)
    body = {each.__name__: each for each in GENERATORS + LOOP}[name]
    runs = in_a_loop(with_uvloop) if body in LOOP else lambda f: f
    run = runs(body)
    if body in PREPARE:
        runs(PREPARE[body])(n)
    once = how == ["once"]
    if once:
        run(1)
    resident = status_bytes("VmRSS:")
    units, seconds = repeat(run, n, 1) if once else measure(run, n)
    cost = {"units": units, "ns": seconds / units * 1e9, "bytes": status_bytes("VmHWM:") - resident}
    print(json.dumps(cost), flush=True)
    os._exit(0)  # what was prepared need not be taken down


if __name__ == "__main__":
    main()
