"""The world in which the Python programs of the fuzzer live. Its twin in C++ is support.hpp: same names, same lines.

Runs in the oracle, CPython 3.13 or newer.
"""

import asyncio
import builtins
import functools
import gc

import virtual_loop

CancelledError = asyncio.CancelledError

LONGEST_TRACE = 300  # lines of one program that are kept
MOST_TASKS = 40
SHUTDOWN_ROUNDS = 60


class DemoError(Exception):
    pass


def make_error(kind, message):
    made = {"CancelledError": CancelledError, "DemoError": DemoError}.get(kind) or getattr(builtins, kind)
    return made() if kind in ("CancelledError", "StopIteration") else made(message)


def name(error):
    kind, text = type(error).__name__, str(error)
    if isinstance(error, BaseExceptionGroup):
        return f"{kind}: {text} [{'; '.join(map(name, error.exceptions))}]"
    return f"{kind}: {text}" if text else kind


def text(value):
    if isinstance(value, BaseException):
        return name(value)
    if isinstance(value, list):
        return f"[{', '.join(map(text, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def sleep_time(delay):
    """A time that may be missing: -1."""
    return None if delay < 0 else delay


def operation(function):
    """Tells what it gave, or what it raised if that is caught: 1 catches Exception, 2 BaseException."""

    @functools.wraps(function)
    def run(self, at, caught, *arguments):
        self.check_not_over()
        try:
            value = function(self, *arguments)
        except BaseException as error:
            if not caught or caught == 1 and not isinstance(error, Exception):
                raise
            self.say(at, function.__name__, "raises", name(error))
        else:
            self.say(at, function.__name__, text(value))

    return run


def waiting(function):
    """The same for what is awaited."""

    @functools.wraps(function)
    async def run(self, at, caught, *arguments):
        self.check_not_over()
        try:
            value = await function(self, *arguments)
        except BaseException as error:
            if not caught or caught == 1 and not isinstance(error, Exception):
                raise
            self.say(at, function.__name__, "raises", name(error))
        else:
            self.say(at, function.__name__, text(value))

    return run


class Empty(Exception):
    """There is no task in the slot."""


class World:
    def __init__(self, functions, configuration):
        self.functions, self.configuration = functions, configuration
        self.lines = []
        self.over = False  # what goes on is no part of the trace

    # the trace

    def say(self, at, *words):
        if not self.over and len(self.lines) < LONGEST_TRACE:
            running = asyncio.current_task()
            who = self.name(running) if running else "-"
            self.lines.append(" ".join(map(str, (at, self.loop.time(), who, *words))).rstrip())

    def name(self, task):
        """Names that asyncio gives are counted through all programs: from the first of this one."""
        given = task.get_name()
        return f"Task+{int(given[5:]) - self.first}" if given.startswith("Task-") else given

    def caught(self, at, error):
        self.say(at, "caught", name(error))

    def report(self, loop, context):
        if loop.is_closed():
            return
        message, error = context["message"], context.get("exception")
        if "never retrieved" in message:
            self.unseen.append(f"unseen {name(error)}")
        elif message.startswith("Exception in callback"):
            self.say("loop", "Exception in callback", name(error))
        else:
            self.say("loop", message.split(" <")[0], name(error) if error else "")

    # the program

    def run(self):
        # asyncio keeps a task by weak references only: one that waits for what nobody has would vanish at some time.
        gc.disable()
        try:
            virtual_loop.run(self.main())
        except virtual_loop.Deadlock:
            if not self.over:
                self.lines.append("deadlock")
        print("\n".join(self.lines))

    async def main(self):
        self.loop = asyncio.get_running_loop()
        self.loop.set_exception_handler(self.report)
        self.begin()
        probe = asyncio.create_task(asyncio.sleep(0))
        self.first = int(probe.get_name()[5:])
        await probe
        main = asyncio.create_task(self.functions[0](self, 0), name="main")
        self.tasks.append(main)
        await asyncio.wait([main], timeout=1000)
        self.say("end", "of main")
        for _ in range(SHUTDOWN_ROUNDS):
            left = sorted(asyncio.all_tasks() - {asyncio.current_task()}, key=self.age)
            if not left:
                break
            for each in left:
                self.say("end", "cancels", self.name(each))
                each.cancel()
            await asyncio.sleep(100)
        # What waits for a future that nobody has any more would never go in C++, where nothing collects cycles.
        for each in self.all_futures:
            if not each.done():
                each.cancel()
        await asyncio.sleep(100)
        for each in self.tasks:
            self.say("end", each.get_name(), "cancelled" if each.cancelled() else "done" if each.done() else "pending")
        del each, main, probe
        self.forget()
        gc.collect()
        for line in sorted(self.unseen):
            self.say("end", line)
        self.over = True

    def age(self, task):
        """In the order of creation; all_tasks is a set."""
        if task in self.tasks:
            return 0, self.tasks.index(task)
        return 1, int(task.get_name()[5:])

    def begin(self):
        conf = self.configuration
        self.tasks, self.unseen = [], []
        self.slots = [None] * len(conf["slots"])
        self.futures = [self.loop.create_future() for _ in range(3)]
        self.all_futures = list(self.futures)
        self.kept, self.handles = [None] * 2, [None] * 3
        self.events = [asyncio.Event() for _ in range(2)]
        kinds = {"fifo": asyncio.Queue, "lifo": asyncio.LifoQueue, "priority": asyncio.PriorityQueue}
        self.queues = [kinds[conf["queue"][0]](conf["queue"][1]), asyncio.Queue()]
        self.lock, self.raw_lock = asyncio.Lock(), asyncio.Lock()
        self.limit = asyncio.Semaphore(max(1, conf["semaphore"][0]))
        self.raw_limit = (asyncio.BoundedSemaphore if conf["semaphore"][1] else asyncio.Semaphore)(conf["semaphore"][0])
        self.condition, self.barrier = asyncio.Condition(), asyncio.Barrier(conf["barrier"])
        self.groups, self.timeouts = [None] * 2, [None] * 2
        self.count = 0

    def forget(self):
        self.tasks = self.slots = self.futures = self.all_futures = self.kept = self.handles = self.groups = self.timeouts = None

    def check_not_over(self):
        if self.over:
            raise RuntimeError("the program is over")

    # tasks

    def make(self, slot, number):
        function = self.configuration["slots"][slot]
        return self.functions[function](self, number), f"t{len(self.tasks)}"

    def put_task(self, slot, made):
        self.slots[slot] = made
        self.tasks.append(made)
        return made.get_name()

    @operation
    def spawn(self, slot, number, eager):
        if len(self.tasks) >= MOST_TASKS:
            return "no more"
        coroutine, called = self.make(slot, number)
        if eager:
            self.tasks.append(None)  # keeps its number: it may spawn others before it is there
            at = len(self.tasks) - 1
            made = asyncio.Task(coroutine, loop=self.loop, name=called, eager_start=True)
            self.tasks[at] = made
            self.slots[slot] = made
            return made.get_name()
        return self.put_task(slot, self.loop.create_task(coroutine, name=called))

    @operation
    def group_spawn(self, group, slot, number):
        if len(self.tasks) >= MOST_TASKS or not self.groups[group]:
            return "no more"
        coroutine, called = self.make(slot, number)
        return self.put_task(slot, self.groups[group].create_task(coroutine, name=called))

    def task(self, slot):
        if self.slots[slot] is None:
            raise Empty
        return self.slots[slot]

    @operation
    def cancel(self, slot):
        return self.task(slot).cancel()

    @operation
    def uncancel(self, slot):
        return self.task(slot).uncancel()

    @operation
    def cancelling(self, slot):
        return self.task(slot).cancelling()

    @operation
    def cancel_self(self):
        return asyncio.current_task().cancel()

    @operation
    def uncancel_self(self):
        return asyncio.current_task().uncancel()

    @operation
    def cancelling_self(self):
        return asyncio.current_task().cancelling()

    @staticmethod
    def state_of(future):
        return "cancelled" if future.cancelled() else "done" if future.done() else "pending"

    @operation
    def state(self, slot):
        return self.state_of(self.task(slot))

    @operation
    def result(self, slot):
        return self.task(slot).result()

    @operation
    def exception(self, slot):
        return self.task(slot).exception()

    # futures

    @operation
    def set_result(self, future, value):
        self.futures[future].set_result(value)

    @operation
    def set_exception(self, future, kind, message):
        self.futures[future].set_exception(make_error(kind, message))

    @operation
    def cancel_future(self, future):
        return self.futures[future].cancel()

    @operation
    def renew(self, future):
        self.futures[future] = self.loop.create_future()
        self.all_futures.append(self.futures[future])

    @operation
    def future_state(self, future):
        return self.state_of(self.futures[future])

    @operation
    def future_result(self, future):
        return self.futures[future].result()

    @operation
    def future_exception(self, future):
        return self.futures[future].exception()

    # callbacks

    def call_soon(self, at, _, handle, function):
        self.keep_handle(at, handle, self.loop.call_soon(self.call(at, function)))

    def call_later(self, at, delay, handle, function):
        self.keep_handle(at, handle, self.loop.call_later(delay, self.call(at, function)))

    def call_slot(self, at, slot, handle, function):
        if self.slots[slot] is None:
            return self.say(at, "empty")
        self.when_done(at, self.slots[slot], handle, function)

    def call_future(self, at, future, handle, function):
        self.when_done(at, self.futures[future], handle, function)

    def when_done(self, at, future, handle, function):
        called = self.call(at, function)
        future.add_done_callback(called)
        self.keep_handle(at, handle, (future, called))

    def call(self, at, function):
        def run(*_):
            self.say(at, "is called")
            function()

        return run

    def keep_handle(self, at, handle, made):
        self.handles[handle] = made
        self.say(at, "handle")

    @operation
    def cancel_handle(self, handle):
        """What call_soon and call_later gave."""
        kept = self.handles[handle]
        if isinstance(kept, asyncio.Handle):
            kept.cancel()

    @operation
    def remove_callback(self, handle):
        kept = self.handles[handle]
        if isinstance(kept, tuple) and not kept[0].done():  # later it comes too late there, not here (differences 18)
            kept[0].remove_done_callback(kept[1])

    # synchronisation

    @operation
    def event_set(self, event):
        self.events[event].set()

    @operation
    def event_clear(self, event):
        self.events[event].clear()

    @operation
    def event_state(self, event):
        return self.events[event].is_set()

    @waiting
    async def event_wait(self, event):
        await self.events[event].wait()

    @operation
    def put_nowait(self, queue, value):
        self.queues[queue].put_nowait(value)

    @operation
    def get_nowait(self, queue):
        return self.queues[queue].get_nowait()

    @operation
    def task_done(self, queue):
        self.queues[queue].task_done()

    @operation
    def shutdown(self, queue, immediate):
        self.queues[queue].shutdown(bool(immediate))

    @operation
    def queue_state(self, queue):
        q = self.queues[queue]
        return [q.qsize(), q.empty(), q.full()]

    @waiting
    async def put(self, queue, value):
        await self.queues[queue].put(value)

    @waiting
    async def get(self, queue):
        return await self.queues[queue].get()

    @waiting
    async def join(self, queue):
        await self.queues[queue].join()

    @operation
    def release_semaphore(self):
        self.raw_limit.release()

    @waiting
    async def acquire_semaphore(self):
        await self.raw_limit.acquire()

    @operation
    def release_mutex(self):
        self.raw_lock.release()

    @operation
    def mutex_state(self):
        return [self.raw_lock.locked(), self.lock.locked(), self.raw_limit.locked()]

    @waiting
    async def acquire_mutex(self):
        await self.raw_lock.acquire()

    @operation
    def notify(self, number):
        self.condition.notify(number)

    @operation
    def notify_all(self):
        self.condition.notify_all()

    @operation
    def bump(self):
        self.count += 1
        return self.count

    @waiting
    async def condition_wait(self):
        await self.condition.wait()

    @waiting
    async def condition_wait_for(self, number):
        return await self.condition.wait_for(lambda: self.count >= number)

    @waiting
    async def condition_misuse(self):
        """Without its lock."""
        return "locked" if self.condition.locked() else await self.condition.wait()

    @operation
    def barrier_state(self):
        return [self.barrier.n_waiting, self.barrier.broken]

    @waiting
    async def barrier_wait(self):
        return await self.barrier.wait()

    @waiting
    async def barrier_reset(self):
        await self.barrier.reset()

    @waiting
    async def barrier_abort(self):
        await self.barrier.abort()

    # scopes

    async def in_group(self, at, group, fresh, body):
        if fresh or not self.groups[group]:
            self.groups[group] = virtual_loop.TaskGroup()
        async with self.groups[group]:
            await body()
        self.say(at, "leaves the group")

    async def in_timeout(self, at, number, fresh, delay, absolute, body):
        if fresh or not self.timeouts[number]:
            make = asyncio.timeout_at if absolute and delay >= 0 else asyncio.timeout
            self.timeouts[number] = make(sleep_time(delay))
        async with self.timeouts[number]:
            await body()
        self.say(at, "leaves the timeout")

    @operation
    def reschedule(self, number, delay):
        if self.timeouts[number]:
            self.timeouts[number].reschedule(None if delay < 0 else self.loop.time() + delay)

    @operation
    def timeout_state(self, number):
        limit = self.timeouts[number]
        return [-1 if limit.when() is None else limit.when(), limit.expired()] if limit else None

    # what awaits several

    def source(self, text):
        """Of what model.sources describes; None for an empty slot."""
        number, _, argument = text[1:].partition(".")
        if text[0] == "s":
            return self.slots[int(number)]
        if text[0] == "f":
            return self.futures[int(number)]
        return self.functions[int(number)](self, int(argument))

    def sources(self, text):
        return [each for each in map(self.source, text.split()) if each is not None]

    @waiting
    async def sleep(self, delay):
        await asyncio.sleep(delay)

    @waiting
    async def await_slot(self, slot):
        return await self.task(slot)

    @waiting
    async def await_future(self, future):
        return await self.futures[future]

    @waiting
    async def await_call(self, function, number):
        return await self.functions[function](self, number)

    @waiting
    async def wait_for(self, text, delay):
        source = self.source(text)
        return "empty" if source is None else await asyncio.wait_for(source, sleep_time(delay))

    @waiting
    async def shield(self, text):
        source = self.source(text)
        return "empty" if source is None else await asyncio.shield(source)

    @waiting
    async def gather(self, text, keeps_exceptions):
        return await asyncio.gather(*self.sources(text), return_exceptions=bool(keeps_exceptions))

    def ensured(self, text):
        """As tasks and futures, without repetitions: wait and as_completed make a set of them, which has no order."""
        found = []
        for each in self.sources(text):
            future = asyncio.ensure_future(each)
            if future not in found:
                found.append(future)
        return found

    def called(self, future):
        if isinstance(future, asyncio.Task):
            return self.name(future)
        return f"f{self.futures.index(future)}" if future in self.futures else "f"

    @waiting
    async def wait(self, text, mode, delay):
        futures = self.ensured(text)
        done, pending = await asyncio.wait(futures, timeout=sleep_time(delay), return_when=getattr(asyncio, mode))
        in_order = lambda some: " ".join(self.called(each) for each in futures if each in some)
        return f"{in_order(done)} | {in_order(pending)}"

    @waiting
    async def as_completed(self, text, delay):
        futures = self.ensured(text)
        ended = [each for each in futures if each.done()]
        futures = [each for each in futures if each not in ended[1:]]  # the order of those that are done is chance
        results = []
        for each in asyncio.as_completed(futures, timeout=sleep_time(delay)):
            try:
                value = await each
            except Exception as error:
                self.say("next", name(error))
            else:
                self.say("next", value)
                results.append(value)
        return results

    # futures that are kept

    @operation
    def make_gather(self, kept, text, keeps_exceptions):
        self.kept[kept] = asyncio.gather(*self.sources(text), return_exceptions=bool(keeps_exceptions))

    @operation
    def make_shield(self, kept, text):
        source = self.source(text)
        if source is None:
            return "empty"
        self.kept[kept] = asyncio.shield(source)

    @operation
    def cancel_kept(self, kept):
        return self.kept[kept].cancel() if self.kept[kept] else None

    @operation
    def kept_state(self, kept):
        return self.state_of(self.kept[kept]) if self.kept[kept] else None

    @waiting
    async def await_kept(self, kept):
        return await self.kept[kept] if self.kept[kept] else None

    def split(self, at, error, kind):
        if not isinstance(error, ExceptionGroup):
            return self.say(at, "splits nothing")
        match, rest = error.split(kind)
        self.say(at, "splits", name(match) if match else None, "/", name(rest) if rest else None)
