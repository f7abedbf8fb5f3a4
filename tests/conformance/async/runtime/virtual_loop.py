"""asyncio on a virtual clock, as fermata's: time is an int, stands still while anything is ready, and then jumps to the
next deadline. A "second" of asyncio is a millisecond here, so that all sums are exact.

Where CPython leaves an order to chance, this is the order of creation, as in fermata (docs/differences.md, "Order"):
timers with the same deadline, and the tasks of a group when it cancels them.
"""

import asyncio
import asyncio.events
import itertools
import selectors


class Deadlock(Exception):
    """Nothing is ready, and no timer is due ever."""


class Timer(asyncio.TimerHandle):
    """Equal deadlines: in the order of creation. CPython's heap gives them out in any."""

    _numbers = itertools.count()

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.number = next(self._numbers)

    def __lt__(self, other):
        return (self._when, self.number) < (other._when, other.number)


class OrderedSet(dict):
    """As much of a set as asyncio uses, in the order of adding."""

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)


class TaskGroup(asyncio.TaskGroup):
    """Cancels its tasks in the order of creation: CPython keeps them in a set."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()


class _Selector(selectors.BaseSelector):
    """Waits for nothing: moves the time."""

    def __init__(self):
        self.now = 0
        self._keys = {}

    def select(self, timeout=None):
        if timeout is None:
            raise Deadlock
        self.now += max(0, timeout)
        return []

    def register(self, fileobj, events, data=None):
        self._keys[fileobj] = selectors.SelectorKey(fileobj, 0, events, data)
        return self._keys[fileobj]

    def unregister(self, fileobj):
        return self._keys.pop(fileobj)

    def get_map(self):
        return self._keys


class Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        super().__init__(_Selector())
        self._clock_resolution = 0.5  # timers are due when this much is left; 0 would be never

    def time(self):
        return self._selector.now


asyncio.events.TimerHandle = Timer


def run(main):
    """asyncio.run on a virtual clock."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(main)
