"""C++ tasks in asyncio, and Python's awaitables in C++ tasks."""

import asyncio
import collections.abc
import contextvars
import gc
import inspect
import os
import signal
import sys
import threading
import time
import unittest
import warnings
import weakref

import bridge


class Awaited(unittest.IsolatedAsyncioTestCase):
    async def test_await_gives_the_result(self):
        self.assertEqual(await bridge.doubles(21), 42)
        self.assertEqual(await bridge.unbound_task(), 42)

    async def test_a_task_that_does_not_wait_ends_at_once(self):
        with self.assertRaises(StopIteration) as caught:
            bridge.doubles(1).send(None)
        self.assertEqual(caught.exception.value, 2)

    async def test_sleep_is_waited_for_by_asyncio(self):
        began = time.monotonic()
        # [sleeps]
        self.assertEqual(await bridge.sleeps(0.02, "slept"), "slept")
        # [sleeps]
        self.assertGreaterEqual(time.monotonic() - began, 0.02)

    async def test_tasks_run_beside_python_s(self):
        said = []

        async def python(name, delay):
            await asyncio.sleep(delay)
            said.append(name)

        async def cpp(name, delay):
            said.append(await bridge.sleeps(delay, name))

        await asyncio.gather(python("p1", 0.03), cpp("c1", 0.01), python("p2", 0.05), cpp("c2", 0.07))
        self.assertEqual(said, ["c1", "p1", "p2", "c2"])

    async def test_it_goes_wherever_asyncio_takes_a_coroutine(self):
        self.assertEqual(await asyncio.create_task(bridge.doubles(1)), 2)
        self.assertEqual(await asyncio.gather(bridge.doubles(1), bridge.sleeps(0, "s")), [2, "s"])
        self.assertEqual(await asyncio.wait_for(bridge.doubles(3), 1), 6)
        async with asyncio.timeout(1):
            await bridge.sleeps(0, "")
        async with asyncio.TaskGroup() as group:
            one = group.create_task(bridge.doubles(4))
        self.assertEqual(one.result(), 8)
        self.assertEqual(await asyncio.shield(bridge.doubles(5)), 10)

    async def test_exceptions_arrive_with_the_task_in_their_traceback(self):
        with self.assertRaisesRegex(ValueError, "^from C\\+\\+$"):
            await bridge.raises("from C++")
        try:
            await bridge.raises("traced")
        except ValueError as e:
            self.assertEqual(e.__traceback__.tb_next.tb_frame.f_code.co_name, "raises")

    async def test_arguments_live_as_long_as_the_task(self):
        self.assertEqual(await bridge.length_of("x" * 1000), 1000)

    async def test_threads_and_pipes_wake_it(self):
        self.assertEqual(await bridge.computes_in_a_thread(7), 49)
        self.assertEqual(await bridge.sends_over_a_pipe("through a pipe"), "through a pipe")

    async def test_it_is_a_coroutine(self):
        c = bridge.doubles(1)
        self.assertIsInstance(c, collections.abc.Coroutine)
        self.assertTrue(asyncio.iscoroutine(c))
        self.assertTrue(inspect.isawaitable(c))
        self.assertEqual(inspect.getcoroutinestate(c), inspect.CORO_CREATED)
        self.assertRegex(repr(c), "^<coroutine object doubles at 0x")
        await c
        self.assertEqual(inspect.getcoroutinestate(c), inspect.CORO_CLOSED)
        with self.assertRaisesRegex(RuntimeError, "^cannot reuse already awaited coroutine$"):
            await c

    async def test_it_is_stepped_as_a_coroutine_is(self):
        c = bridge.doubles(1)
        with self.assertRaisesRegex(TypeError, "^can't send non-None value to a just-started coroutine$"):
            c.send(1)
        with self.assertRaises(StopIteration) as caught:
            next(c.__await__())
        self.assertEqual(caught.exception.value, 2)
        with self.assertRaisesRegex(RuntimeError, "^cannot reuse already awaited coroutine$"):
            c.throw(ValueError("late"))

    async def test_one_that_was_never_awaited_is_warned_of(self):
        with self.assertWarnsRegex(RuntimeWarning, "^coroutine 'doubles' was never awaited$"):
            bridge.doubles(1)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            bridge.doubles(1).close()

    async def test_where_warnings_are_errors_the_one_of_it_cannot_be_raised(self):
        async def doubles(n):
            return 2 * n

        unraisable = []
        self.addCleanup(setattr, sys, "unraisablehook", sys.unraisablehook)
        sys.unraisablehook = lambda raised: unraisable.append((raised.exc_type, str(raised.exc_value)))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for make in doubles, bridge.doubles:
                make(1)
        self.assertEqual([each[0] for each in unraisable], [RuntimeWarning] * 2)
        self.assertRegex(unraisable[1][1], "^coroutine 'doubles' was never awaited$")

    async def test_one_that_runs_is_neither_stepped_nor_closed(self):
        class Log:
            refused = []

            def append(self, what):
                if what != "started":
                    return
                for call in (lambda: c.send(None)), c.close, (lambda: c.throw(ValueError)), (lambda: c.throw(GeneratorExit)):
                    with test.assertRaisesRegex(ValueError, "^coroutine already executing$"):
                        call()
                    self.refused.append(call)

        async def python(log):
            log.append("started")

        test = self
        for make in python, bridge.waits_for_ever:
            with self.subTest(make):
                log = Log()
                c = make(log)
                try:
                    c.send(None)
                except StopIteration:
                    pass
                self.assertEqual(len(log.refused), 4)
                log.refused.clear()
                c.close()

    async def test_its_names_can_be_set_as_those_of_a_coroutine_of_pythons_own(self):
        async def doubles(n):
            return 2 * n

        for make in doubles, bridge.doubles:
            with self.subTest(make):
                c = make(1)
                c.__name__, c.__qualname__ = "renamed", "Of.renamed"
                self.assertEqual((c.__name__, c.__qualname__), ("renamed", "Of.renamed"))
                self.assertRegex(repr(c), "^<coroutine object Of.renamed at 0x")
                for name in "__name__", "__qualname__":
                    with self.assertRaisesRegex(TypeError, f"^{name} must be set to a string object$"):
                        setattr(c, name, 5)
                    with self.assertRaisesRegex(TypeError, f"^{name} must be set to a string object$"):
                        delattr(c, name)
                with self.assertWarnsRegex(RuntimeWarning, "^coroutine 'Of.renamed' was never awaited"):
                    del c

    # Cancellation

    async def test_a_cancellation_arrives_in_the_task(self):
        log = []
        waiting = asyncio.create_task(bridge.waits_for_ever(log))
        await asyncio.sleep(0)
        self.assertEqual(log, ["started"])
        waiting.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await waiting
        self.assertEqual(log, ["started", "cancelled"])
        self.assertTrue(waiting.cancelled())

    async def test_cancelled_before_its_start_it_does_not_run(self):
        log = []
        waiting = asyncio.create_task(bridge.waits_for_ever(log))
        waiting.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await waiting
        self.assertEqual(log, [])

    async def test_who_cancels_waits_until_it_has_cleaned_up(self):
        log = []
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(bridge.cleans_up_slowly(log), 0.01)
        self.assertEqual(log, ["cleaned up"])

    async def test_a_cancellation_may_be_swallowed(self):
        waiting = asyncio.create_task(bridge.swallows_cancellation())
        await asyncio.sleep(0)
        waiting.cancel()
        self.assertEqual(await waiting, "went on")

    async def test_close_cancels_it(self):
        log = []
        c = bridge.waits_for_ever(log)
        c.send(None)
        c.close()
        await asyncio.sleep(0.001)
        self.assertEqual(log, ["started", "cancelled"])

    async def test_what_else_is_thrown_in_cancels_it_and_is_raised(self):
        log = []
        c = bridge.waits_for_ever(log)
        c.send(None)
        with self.assertRaisesRegex(KeyError, "thrown"):
            c.throw(KeyError("thrown"))
        self.assertEqual(log, ["started", "cancelled"])

    # Python's awaitables

    async def test_a_task_awaits_python(self):
        async def python():
            await asyncio.sleep(0.001)
            return result

        result = object()
        self.assertIs(await bridge.awaits(python()), result)
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.001, future.set_result, result)
        self.assertIs(await bridge.awaits(future), result)

    async def test_each_awaits_the_other_at_some_depth(self):
        async def python(n):
            return n if n == 0 else 1 + await bridge.awaits(python(n - 1))

        self.assertEqual(await python(20), 20)

    async def test_what_python_raises_is_caught_in_the_task(self):
        async def python():
            raise ValueError("in Python")

        self.assertEqual(await bridge.awaits_and_catches(python()), "caught in Python")

    async def test_what_the_task_does_not_catch_is_the_same_object(self):
        class Custom(Exception):
            pass

        for exception in Custom(), ValueError("v"), KeyError("k"):
            async def python():
                raise exception

            with self.assertRaises(type(exception)) as caught:
                await bridge.awaits(python())
            self.assertIs(caught.exception, exception)

    async def test_a_result_of_another_type_is_refused(self):
        async def python():
            return "seven"

        with self.assertRaisesRegex(TypeError, "^the result must be int, not str$"):
            await bridge.awaits_a_number(python())

    async def test_what_is_no_awaitable_is_refused(self):
        with self.assertRaisesRegex(TypeError, "An asyncio.Future, a coroutine or an awaitable is required"):
            await bridge.awaits(5)

    async def test_what_nobody_sees_goes_to_asyncio_s_handler(self):
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        await bridge.raises_with_nobody_to_see()
        await asyncio.sleep(0)
        self.assertEqual([str(each["exception"]) for each in told], ["unseen"])
        self.assertRegex(told[0]["message"], "^Task exception was never retrieved .*lost")

    async def test_a_cancellation_passes_through_to_python(self):
        log = []

        async def python():
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                log.append("cancelled")
                await asyncio.sleep(0.001)
                log.append("cleaned up")
                raise

        waiting = asyncio.create_task(bridge.awaits(python()))
        await asyncio.sleep(0.001)
        waiting.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await waiting
        self.assertEqual(log, ["cancelled", "cleaned up"])

    async def test_a_timeout_in_c_plus_plus_cancels_python(self):
        log = []

        async def python():
            try:
                await asyncio.sleep(3600)
            finally:
                log.append("left")

        with self.assertRaises(TimeoutError):
            await bridge.awaits_for(0.001, python())
        self.assertEqual(log, ["left"])

    async def test_a_cancelled_future_cancels_the_task(self):
        future = asyncio.get_running_loop().create_future()
        waiting = asyncio.create_task(bridge.awaits(future))
        await asyncio.sleep(0)
        future.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await waiting

    async def test_a_cancellation_wins_over_a_result_that_has_just_come(self):
        async def python(awaitable):
            return await awaitable

        async def cancelled_after(turns, make):
            future = asyncio.get_running_loop().create_future()
            waiting = asyncio.create_task(make(future))
            await asyncio.sleep(0.001)
            future.set_result("a result")
            for _ in range(turns):
                await asyncio.sleep(0)
            is_in_time = waiting.cancel()
            self.assertEqual(is_in_time, (await asyncio.gather(waiting, return_exceptions=True))[0] != "a result")
            return is_in_time

        for make in python, bridge.awaits:
            with self.subTest(make):
                self.assertTrue(await cancelled_after(0, make))
                for turns in range(1, 5):
                    await cancelled_after(turns, make)

    async def test_context_variables_pass_through(self):
        variable = contextvars.ContextVar("variable", default="default")

        async def python():
            return variable.get()

        async def sets(value):
            variable.set(value)
            await bridge.sleeps(0.001, "")
            return await bridge.awaits(python())

        self.assertEqual(await asyncio.gather(sets("a"), sets("b"), bridge.awaits(python())), ["a", "b", "default"])


class Loops(unittest.TestCase):
    def test_the_end_of_run_waits_for_what_is_left(self):
        log = []
        asyncio.run(bridge.leaves_a_task(log))
        self.assertEqual(log, ["started", "cancelled"])

    def test_each_run_has_a_loop_of_its_own(self):
        loops = []

        async def main():
            loops.append(weakref.ref(asyncio.get_running_loop()))
            await bridge.sleeps(0.001, "")

        for _ in range(3):
            asyncio.run(main())
        gc.collect()
        self.assertEqual([loop() for loop in loops], [None] * 3)

    def test_without_a_running_loop_there_is_none_to_run_in(self):
        c = bridge.doubles(1)
        with self.assertRaisesRegex(RuntimeError, "^no running event loop$"):
            c.send(None)
        c.close()

    def test_a_loop_of_its_own_awaits_nothing_of_python(self):
        async def python():
            pass

        awaitable = python()
        with self.assertRaisesRegex(RuntimeError, "^what Python awaits can be awaited only in a task that asyncio awaits"):
            bridge.awaits_without_asyncio(awaitable)
        awaitable.close()

    def test_a_loop_that_is_closed_without_its_tasks_leaves_them(self):
        loop = asyncio.new_event_loop()
        log = []
        waiting = loop.create_task(bridge.waits_for_ever(log))
        loop.run_until_complete(asyncio.sleep(0.001))
        loop.set_exception_handler(lambda *_: None)
        loop.close()
        del waiting, loop
        gc.collect()
        self.assertEqual(log[0], "started")

    def test_a_program_of_c_plus_plus_runs_without_the_gil(self):
        counted = 0
        over = threading.Event()

        def count():
            nonlocal counted
            while not over.is_set():
                counted += 1
                time.sleep(0.0001)

        thread = threading.Thread(target=count)
        thread.start()
        before = counted
        self.assertEqual(bridge.run_without_asyncio(50), 0)
        self.assertGreater(counted - before, 5)
        over.set()
        thread.join()

    def test_ctrl_c_ends_a_program_of_c_plus_plus(self):
        threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
        with self.assertRaises(KeyboardInterrupt):
            bridge.run_without_asyncio(60_000)
        self.assertIs(signal.getsignal(signal.SIGINT), signal.default_int_handler)
        with self.assertRaises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(10)


if __name__ == "__main__":
    unittest.main()
