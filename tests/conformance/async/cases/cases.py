"""What the Python twins of the cases stand on. In C++: cases.hpp."""

import asyncio
import itertools

import virtual_loop

ALL = {}


def case(name):
    def register(function):
        ALL[name] = function
        return function

    return register


class DemoError(Exception):
    pass


def name(error):
    kind, text = type(error).__name__, str(error)
    if isinstance(error, BaseExceptionGroup):
        return f"{kind}: {text} [{'; '.join(map(name, error.exceptions))}]"
    return f"{kind}: {text}" if text else kind


def say(*words):
    shown = ("true" if w is True else "false" if w is False else name(w) if isinstance(w, BaseException) else w
             for w in words)
    print(asyncio.get_running_loop().time(), *shown)


def error_of(function):
    try:
        function()
    except BaseException as error:
        return error
    return "no error"


async def error_in(awaitable):
    """What awaiting it raises."""
    try:
        await awaitable
    except BaseException as error:
        return error
    return "no error"


async def value(number, delay=0):
    if delay:
        await asyncio.sleep(delay)
    return number


async def failing(text, delay=0):
    if delay:
        await asyncio.sleep(delay)
    raise ValueError(text)


async def sleeper(label, delay):
    """Tells how it ends."""
    try:
        await asyncio.sleep(delay)
        say(label, "slept")
    except asyncio.CancelledError:
        say(label, "cancelled")
        raise


async def stubborn(label, delay, after):
    """Swallows its cancellation, and returns a little later."""
    try:
        await asyncio.sleep(delay)
    except asyncio.CancelledError:
        say(label, "swallows")
    await asyncio.sleep(after)
    return 7


class Turns:
    """Counts the loop's turns."""

    def __init__(self):
        self.count, self.running = 0, True
        asyncio.get_running_loop().call_soon(self.tick)

    def tick(self):
        if self.running:
            self.count += 1
            asyncio.get_running_loop().call_soon(self.tick)

    def stop(self):
        self.running = False
        return self.count


async def turns(awaitable):
    counting = Turns()
    await awaitable
    return counting.stop()


def report(loop, context):
    # CPython's message also names the callback.
    callback = "Exception in callback"
    message = callback if context["message"].startswith(callback) else context["message"]
    say("reported", message, context.get("exception") or "")


def run(case_name):
    async def main():
        asyncio.get_running_loop().set_exception_handler(report)
        await ALL[case_name]()

    print(f"== {case_name}")
    virtual_loop.run(main())
