"""What every Python program of the fuzzer imports. Its twin in C++ is support.hpp: same names, same lines printed.

Runs in the oracle, CPython 3.13 or newer.
"""

import inspect
import os
import sys

OTHERWISE = 99  # the default that next() is given
LONGEST_TRACE = 400  # lines of one program that are kept; the same in support.hpp

_lines = []
_alive = []


class DemoError(Exception):
    pass


class NarrowError(ValueError):
    pass


class DemoExit(BaseException):
    pass


# A value sent to a delegate that has no `send` is an AttributeError here and a type_error in C++ (DESIGN.md: where the
# types say what Python finds out by looking, the error is the one of types). So `except TypeError` catches both here.
CATCHES_TYPE_ERROR = (TypeError, AttributeError)


def say(at, what, value=""):
    if len(_lines) < LONGEST_TRACE:
        _lines.append(f"{at} {what} {value}".rstrip())


def begin(name):
    _lines.clear()
    print(f"== {name}")


def finish():
    # In C++ the slots are destroyed here and the objects left in frames are counted.
    say("end", "live", 0)
    print("\n".join(_lines))


def leave():
    """Ends the process without running finalisers: Python's would close what is suspended and print about it.
    Destroying a generator in C++ runs no except and no finally block (DESIGN.md, conscious differences)."""
    sys.stdout.flush()
    os._exit(0)


def keep(generator):
    """Keeps a generator alive to the end of the process, for the same reason."""
    _alive.append(generator)
    return generator


# --- values


def num(value):
    """What a generator yields whose C++ type has no None."""
    return -1 if value is None else value


def plus(value, number):
    return (num(value) + number) % 1000


def is_none(value, than):
    return value is None


def is_some(value, than):
    return value is not None


def is_even(value, than):
    return value is not None and value % 2 == 0


def is_above(value, than):
    return value is not None and value > than


# --- errors


def name(error):
    if isinstance(error, StopIteration):
        return f"StopIteration({error.value})"
    if isinstance(error, AttributeError) and str(error).endswith("has no attribute 'send'"):
        return "TypeError: no send"
    kind, text, cause = type(error).__name__, str(error), error.__cause__
    result = f"{kind}: {text}" if text else kind
    return f"{result} from {name(cause)}" if isinstance(cause, StopIteration) else result


# --- driving


class Slot:
    """A generator that the driver owns. `lent` counts the delegations to it that are under way."""

    def __init__(self, label):
        self.label, self.generator, self.lent = label, None, 0

    def put(self, generator):
        self.generator = keep(generator)

    def blocked(self):
        # Advancing a generator to which another delegates is an error in fermata and allowed in CPython (DESIGN.md,
        # conscious differences): such an operation is left out, in both languages. While it runs, both refuse alike.
        return self.lent > 0 and inspect.getgeneratorstate(self.generator) == inspect.GEN_SUSPENDED


def drive(at, target, act, caught):
    """One operation on a generator: tells what came of it, and gives the yielded or returned value."""
    if isinstance(target, Slot):
        if target.blocked() and act is not state:
            say(at, "skipped")
            return None
        target = target.generator
    try:
        return act(at, target)
    except StopIteration as stop:
        if not caught:
            raise
        say(at, "stops", stop.value)
        return stop.value
    except BaseException as error:
        if not caught:
            raise
        same = " (the same)" if error is getattr(act, "error", None) else ""
        say(at, "raises", name(error) + same)
        return None


class Deaf:
    """What a C++ generator whose Send is void delegates to: the values sent to it, which it has no type for, do not
    reach its delegate. Everything else does."""

    def __init__(self, iterable):
        self.iterator = iter(iterable)
        for name in ("throw", "close"):
            if hasattr(self.iterator, name):
                setattr(self, name, getattr(self.iterator, name))

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.iterator)

    def send(self, value):
        return next(self.iterator)


def need_result(generator):
    """What delegating to an ended generator<int, …, int> is in C++, where no None can be its result."""
    if inspect.getgeneratorstate(generator) == inspect.GEN_CLOSED:
        raise TypeError("no result")


def _yields(at, value):
    say(at, "yields", value)
    return value


def next_(at, generator):
    return _yields(at, next(generator))


def next_otherwise(at, generator):
    return _yields(at, next(generator, OTHERWISE))


def send(value):
    return lambda at, generator: _yields(at, generator.send(value))


def throw(error, watched=False):
    """`watched`: whether it comes back as the same object is looked at."""

    def act(at, generator):
        return _yields(at, generator.throw(error))

    if watched:
        act.error = error
    return act


def close(at, generator):
    value = generator.close()
    say(at, "closes", value)
    return value


def state(at, generator):
    say(at, "is", inspect.getgeneratorstate(generator).removeprefix("GEN_").lower())


def loop(limit):
    def act(at, generator):
        count = 0
        for value in generator:
            say(at, "item", value)
            count += 1
            if count == limit:
                break
        else:
            say(at, "exhausted")

    return act


def renew(at, slot, make):
    """A new generator in the slot; in C++ the old one is destroyed. Not while another generator refers to the old."""
    if slot.lent:
        say(at, "skipped")
        return
    slot.put(make())
    say(at, "renews")


def revive(at, slot, make, start):
    """A new generator in the slot if the one there has ended; `start`: and its first step."""
    if not slot.lent and inspect.getgeneratorstate(slot.generator) == inspect.GEN_CLOSED:
        renew(at, slot, make)
        if start:
            drive(at, slot, next_, True)


def move(at, slot):
    """In C++ the generator is moved away and back."""
    say(at, "skipped" if slot.lent else "moves")
