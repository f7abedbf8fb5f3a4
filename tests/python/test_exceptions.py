"""Exceptions and values on their way between Python and C++."""

import asyncio
import io
import socket
import threading
import traceback
import unittest

import bridge


class FromCpp(unittest.TestCase):
    def test_each_class_arrives_as_the_one_that_it_mirrors(self):
        for name, type_, text in [
            ("value_error", ValueError, "v"),
            ("type_error", TypeError, "t"),
            ("index_error", IndexError, "i"),
            ("lookup_error", LookupError, "l"),
            ("runtime_error", RuntimeError, "r"),
            ("error", Exception, "e"),
            ("derived_error", ValueError, "d"),
            ("generator_exit", GeneratorExit, ""),
            ("keyboard_interrupt", KeyboardInterrupt, ""),
            ("cancelled_error", asyncio.CancelledError, ""),
            ("timeout_error", TimeoutError, "late"),
            ("invalid_state_error", asyncio.InvalidStateError, "invalid state"),
            ("stop_async_iteration", StopAsyncIteration, ""),
            ("queue_empty", asyncio.QueueEmpty, ""),
            ("queue_full", asyncio.QueueFull, ""),
            ("queue_shutdown", getattr(asyncio, "QueueShutDown", RuntimeError), "shut down"),
            ("broken_barrier_error", asyncio.BrokenBarrierError, "Barrier aborted"),
            ("incomplete_read_error", asyncio.IncompleteReadError, "3 bytes read on a total of 5 expected bytes"),
            ("limit_overrun_error", asyncio.LimitOverrunError, "too long"),
            ("gaierror", socket.gaierror, "[Errno -2] nowhere: unknown"),
            ("unsupported_operation", io.UnsupportedOperation, "not writable"),
            ("system_error", ConnectionResetError, "[Errno 104] read: Connection reset by peer"),
            ("std::out_of_range", IndexError, "o"),
            ("std::invalid_argument", ValueError, "a"),
            ("std::runtime_error", RuntimeError, "s"),
            ("std::bad_alloc", MemoryError, "std::bad_alloc"),
        ]:
            with self.subTest(name):
                try:
                    bridge.raise_in_cpp(name)
                except BaseException as e:
                    self.assertEqual((type(e), str(e)), (type_, text))
                else:
                    self.fail("nothing was raised")

    def test_what_they_carry_arrives(self):
        for name, value in ("stop_iteration", None), ("stop_iteration of 7", 7), ("stop_iteration of text", "text"):
            with self.assertRaises(StopIteration) as caught:
                bridge.raise_in_cpp(name)
            self.assertEqual(caught.exception.value, value)
        with self.assertRaises(asyncio.IncompleteReadError) as caught:
            bridge.raise_in_cpp("incomplete_read_error")
        self.assertEqual((caught.exception.partial, caught.exception.expected), (b"abc", 5))
        with self.assertRaises(asyncio.LimitOverrunError) as caught:
            bridge.raise_in_cpp("limit_overrun_error")
        self.assertEqual(caught.exception.consumed, 3)

    def test_a_nested_exception_is_the_cause(self):
        with self.assertRaisesRegex(RuntimeError, "^outer$") as caught:
            bridge.raise_in_cpp("nested")
        self.assertEqual(repr(caught.exception.__cause__), "ValueError('inner')")

    def test_a_group_is_a_group(self):
        with self.assertRaises(ExceptionGroup) as caught:
            bridge.raise_in_cpp("group")
        self.assertEqual(caught.exception.message, "several")
        self.assertEqual(repr(caught.exception.exceptions), "(ValueError('one'), IndexError('two'))")


class FromPython(unittest.TestCase):
    def test_each_class_is_caught_as_the_one_that_mirrors_it(self):
        class Custom(ValueError):
            pass

        for exception, expected in [
            (ValueError("v"), "value_error: v"),
            (Custom("c"), "value_error: c"),
            (TypeError("t"), "type_error: t"),
            (IndexError("i"), "index_error: i"),
            (NotImplementedError("n"), "runtime_error: n"),
            (TimeoutError("late"), "timeout_error: late"),
            (FileNotFoundError(2, "No such file or directory", "f"), "std::system_error: f: No such file or directory"),
            (OSError("without a number"), "python::error: without a number"),
            (asyncio.CancelledError(), "cancelled_error"),
            (asyncio.InvalidStateError("s"), "invalid_state_error: s"),
            (ExceptionGroup("g", [ValueError(1), KeyError(2)]), "exception_group: g (2 sub-exceptions)"),
            (GeneratorExit(), "generator_exit"),
            (KeyboardInterrupt(), "keyboard_interrupt"),
            (StopIteration(3), "stop_iteration: 3"),
            (ZeroDivisionError("z"), "python::error: z"),
        ]:
            with self.subTest(repr(exception)):
                self.assertEqual(bridge.caught_as(exception), expected)

    def test_back_in_python_it_is_the_same_object(self):
        for exception in ValueError("v"), OSError(2, "o"), ZeroDivisionError(), asyncio.CancelledError(), KeyboardInterrupt():
            self.assertIs(bridge.through_cpp(exception), exception)

            def raising():
                raise exception
                yield

            for call in (lambda: bridge.call_through_cpp(raising().__next__)), (lambda: bridge.total(raising())):
                with self.assertRaises(type(exception)) as caught:
                    call()
                self.assertIs(caught.exception, exception)

    def test_its_traceback_crosses_c_plus_plus(self):
        def in_python():
            yield 1
            raise ValueError("traced")

        for through in (lambda: list(bridge.items(in_python()))), (lambda: bridge.total(in_python())):
            try:
                through()
            except ValueError as e:
                names = [frame.name for frame in traceback.extract_tb(e.__traceback__)]
                self.assertEqual(names[-1], "in_python")
            else:
                self.fail("nothing was raised")
        self.assertIn("items", [frame.name for frame in self.frames_of(bridge.items(in_python()))])

    @staticmethod
    def frames_of(generator):
        try:
            list(generator)
        except ValueError as e:
            return traceback.extract_tb(e.__traceback__)


class Values(unittest.TestCase):
    def test_what_python_can_loop_over_is_an_argument(self):
        self.assertEqual([bridge.total(x) for x in ([1, 2], range(4), (n for n in (3, 4)), {5: 6})], [3, 6, 7, 5])
        with self.assertRaises(TypeError):
            bridge.total(5)

    def test_an_item_of_another_type_is_refused(self):
        with self.assertRaisesRegex(TypeError, "^an item must be int, not str$"):
            bridge.total(["a"])

    def test_a_generator_may_be_a_result_of_any_function(self):
        self.assertEqual(list(bridge.unbound_generator(3)), [0, 1, 2])

    def test_what_is_sent_and_does_not_convert_is_refused_and_the_generator_goes_on(self):
        g = bridge.averager()
        next(g)
        with self.assertRaisesRegex(TypeError, "^send\\(\\) argument must be float, not str$"):
            g.send("ten")
        with self.assertRaisesRegex(TypeError, "^this generator waits for a value: next\\(\\) can only start it"):
            next(g)
        self.assertEqual(g.send(10), 10)

    def test_signatures_tell_the_types(self):
        self.assertIn("countdown(n: int) -> Generator[int, None, str]", bridge.countdown.__doc__)
        self.assertIn("-> Generator[Optional[float], float, float]", bridge.averager.__doc__)
        self.assertIn("doubles(n: int) -> Coroutine[Any, Any, int]", bridge.doubles.__doc__)
        self.assertIn("total(arg0: Generator[int, None, None]) -> int", bridge.total.__doc__)

    def test_the_types_take_types_for_annotations(self):
        coroutine = bridge.doubles(1)
        for one in bridge.countdown(1), coroutine:
            annotation = type(one)[int, None, str]
            self.assertEqual((annotation.__origin__, annotation.__args__), (type(one), (int, None, str)))
        coroutine.close()

    def test_references_to_arguments_hold(self):
        self.assertEqual("".join(bridge.characters("ab" * 50, "".join(["c", "d"]))), "ab" * 50 + "cd")
        self.assertEqual(list(bridge.python_objects([1, None, "x"])), [1, None, "x"])

    def test_without_gil_means_that(self):
        self.assertEqual(list(bridge.without_the_gil(2)), [False, False])
        refused = []
        g = bridge.without_the_gil(20_000)

        def step():
            try:
                for _ in g:
                    pass
            except ValueError as e:
                refused.append(str(e))

        threads = [threading.Thread(target=step) for _ in range(2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self.assertLessEqual(set(refused), {"generator already executing"})
        self.assertLessEqual(len(refused), 1)


if __name__ == "__main__":
    unittest.main()
