"""The generators of generators.cpp, as Python's own: what the bridge has to be like."""


class Thing:
    def __init__(self, number):
        self.number = number


def countdown(n):
    while n > 0:
        yield n
        n -= 1
    return "liftoff"


def nothing():
    return
    yield


def averager():
    total, count, average = 0.0, 0, None
    while count < 3:
        total += yield average
        count += 1
        average = total / count
    return average


def echo():
    received = None
    while True:
        received = yield received
        if received == "stop":
            break
    return received


def catcher():
    text = "ready"
    while True:
        try:
            yield text
            text = "next"
        except ValueError as e:
            text = f"caught {e}"


def catches_once():
    try:
        yield "ready"
    except ValueError:
        return 42
    return 0


def cleans_up(log):
    try:
        log.append("started")
        yield 1
        yield 2
        log.append("ended")
    finally:
        log.append("cleaned up")


def sees_exit(log):
    try:
        yield 1
    except GeneratorExit:
        log.append("exit")
        raise


def returns_at_exit():
    try:
        yield 1
    except GeneratorExit:
        pass
    return 42


def ignores_exit():
    try:
        yield "first"
    except GeneratorExit:
        yield "ignored"
    yield "last"


def raises_at_exit():
    try:
        yield 1
    except GeneratorExit:
        raise ValueError("from close")


def raises_value_error():
    yield 1
    raise ValueError("from the body")


def raises_stop_iteration():
    yield 1
    raise StopIteration(7)


def calls(f):
    f()
    yield 1
    f()
    yield 2


def delegates(inner):
    result = yield from inner
    yield ("inner gave", result)
    return "outer done"


def catches_from_inner(inner):
    try:
        yield from inner
    except ValueError as e:
        caught = str(e)
    yield f"caught {caught}"


def holds(held):
    while True:
        yield held


def things(n):
    for i in range(n):
        yield Thing(i)
