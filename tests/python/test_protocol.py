"""What Python's documentation says of generators, asserted twice: of Python's own, and of C++ ones through the bridge."""

import collections.abc
import contextlib
import gc
import inspect
import itertools
import sys
import traceback
import unittest
import weakref

import bridge
import generators

BODIES = {"Python": generators, "C++": bridge}


class Protocol:
    """The assertions. `make` has the functions that make the generators."""

    make = None

    def assert_returns(self, value, step, *arguments):
        with self.assertRaises(StopIteration) as caught:
            step(*arguments)
        self.assertEqual(caught.exception.value, value)

    # iter, next, and who loops

    def test_it_is_its_own_iterator(self):
        g = self.make.countdown(1)
        self.assertIs(iter(g), g)

    def test_next_gives_each_value_and_then_the_return_value(self):
        g = self.make.countdown(2)
        self.assertEqual([next(g), next(g)], [2, 1])
        self.assert_returns("liftoff", next, g)

    def test_the_return_value_is_given_once(self):
        g = self.make.countdown(0)
        self.assert_returns("liftoff", next, g)
        self.assert_returns(None, next, g)
        self.assert_returns(None, g.send, 5)

    def test_next_takes_a_default(self):
        self.assertEqual(next(self.make.nothing(), "over"), "over")

    def test_loops_lists_and_itertools_take_it(self):
        self.assertEqual([n for n in self.make.countdown(3)], [3, 2, 1])
        self.assertEqual(list(self.make.nothing()), [])
        self.assertEqual(sum(self.make.countdown(4)), 10)
        self.assertEqual(dict(zip("ab", self.make.countdown(2))), {"a": 2, "b": 1})
        self.assertEqual(list(itertools.islice(self.make.countdown(10**9), 2)), [10**9, 10**9 - 1])
        self.assertEqual(list(itertools.chain(self.make.countdown(1), self.make.countdown(1))), [1, 1])
        first, *rest = self.make.countdown(3)
        self.assertEqual((first, rest), (3, [2, 1]))

    def test_a_loop_goes_on_where_another_stopped(self):
        g = self.make.countdown(4)
        for n in g:
            if n == 3:
                break
        self.assertEqual(list(g), [2, 1])

    def test_it_yields_objects_of_classes(self):
        self.assertEqual([each.number for each in self.make.things(3)], [0, 1, 2])

    # send

    def test_send_gives_the_yield_its_value(self):
        # [averager]
        g = self.make.averager()
        self.assertIsNone(next(g))
        self.assertEqual(g.send(10), 10.0)
        self.assertEqual(g.send(30.0), 20.0)
        self.assert_returns(15.0, g.send, 5)
        # [averager]

    def test_objects_pass_through_as_they_are(self):
        g = self.make.echo()
        thing = object()
        self.assertIsNone(g.send(None))
        self.assertIs(g.send(thing), thing)
        self.assertIsNone(next(g))
        self.assert_returns("stop", g.send, "stop")

    def test_a_tuple_or_an_exception_may_be_returned(self):
        for value in (1, 2), ValueError("returned"):
            g = self.make.delegates(self.returning(value))
            self.assertEqual(next(g), ("inner gave", value))

    @staticmethod
    def returning(value):
        return value
        yield

    def test_send_to_one_that_has_not_started_is_refused_and_leaves_it_as_it_is(self):
        for g in self.make.averager(), self.make.echo(), self.make.countdown(1):
            with self.assertRaisesRegex(TypeError, "^can't send non-None value to a just-started generator$"):
                g.send(5)
            self.assertEqual(inspect.getgeneratorstate(g), inspect.GEN_CREATED)
            next(g)

    def test_send_none_is_next(self):
        self.assertEqual(self.make.countdown(3).send(None), 3)

    def test_what_a_body_does_not_take_is_dropped(self):
        g = self.make.countdown(3)
        next(g)
        self.assertEqual(g.send("anything"), 2)

    # throw

    def test_throw_is_caught_at_the_yield(self):
        g = self.make.catcher()
        next(g)
        self.assertEqual(g.throw(ValueError("one")), "caught one")
        self.assertEqual(next(g), "next")
        self.assertEqual(g.throw(ValueError("two")), "caught two")

    def test_throw_takes_a_class(self):
        g = self.make.catcher()
        next(g)
        self.assertEqual(g.throw(ValueError), "caught ")

    def test_throw_gives_the_return_value(self):
        g = self.make.catches_once()
        next(g)
        self.assert_returns(42, g.throw, ValueError())

    def test_a_derived_class_is_caught_as_its_base(self):
        g = self.make.catcher()
        next(g)
        self.assertEqual(g.throw(UnicodeError("derived")), "caught derived")

    def test_what_is_not_caught_comes_back_as_the_same_object(self):
        class Custom(Exception):
            pass

        for exception in Custom(1), KeyError("k"), ValueError("v"), KeyboardInterrupt(), GeneratorExit(), OSError(2, "no"):
            with self.subTest(repr(exception)):
                g = self.make.countdown(3)
                next(g)
                with self.assertRaises(type(exception)) as caught:
                    g.throw(exception)
                self.assertIs(caught.exception, exception)
                self.assertEqual(inspect.getgeneratorstate(g), inspect.GEN_CLOSED)
                self.assert_returns(None, next, g)

    def test_throw_into_one_that_has_not_started_closes_it(self):
        log = []
        g = self.make.cleans_up(log)
        exception = ValueError("early")
        with self.assertRaises(ValueError) as caught:
            g.throw(exception)
        self.assertIs(caught.exception, exception)
        self.assertEqual(log, [])
        self.assert_returns(None, next, g)

    def test_throw_into_one_that_has_ended_raises_each_time(self):
        g = self.make.nothing()
        self.assertEqual(list(g), [])
        for _ in range(2):
            with self.assertRaisesRegex(KeyError, "late"):
                g.throw(KeyError("late"))

    def test_throw_refuses_what_is_no_exception(self):
        for wrong in 5, int, "text":
            with self.assertRaisesRegex(TypeError, "^exceptions must be classes or instances deriving from BaseException, not "):
                self.make.countdown(1).throw(wrong)
        with self.assertRaises(TypeError):
            self.make.countdown(1).throw()

    def test_throw_takes_three_arguments_as_of_old(self):
        def old(*arguments):
            g = self.make.countdown(3)
            next(g)
            if sys.version_info >= (3, 12):
                with self.assertWarnsRegex(DeprecationWarning, r"the \(type, exc, tb\) signature of throw\(\) is deprecated"):
                    return g.throw(*arguments)
            return g.throw(*arguments)

        exception = ValueError("instance")
        with self.assertRaises(ValueError) as caught:
            old(ValueError, exception)
        self.assertIs(caught.exception, exception)
        with self.assertRaises(ValueError) as caught:
            old(ValueError, "text")
        self.assertEqual(caught.exception.args, ("text",))
        try:
            raise KeyError("traced")
        except KeyError as e:
            trace = e.__traceback__
        try:
            old(ValueError, "text", trace)
        except ValueError as e:
            self.assertIs(list(traceback.walk_tb(e.__traceback__))[-1][0], trace.tb_frame)
        with self.assertRaisesRegex(TypeError, "instance exception may not have a separate value"):
            old(exception, "text")
        with self.assertRaisesRegex(TypeError, r"throw\(\) third argument must be a traceback object"):
            old(ValueError, "text", "trace")

    @unittest.skipIf(sys.version_info < (3, 12), "it was a RuntimeError then, and is StopIteration in C++")
    def test_a_stop_iteration_thrown_in_before_the_start_is_raised(self):
        with self.assertRaises(StopIteration) as caught:
            self.make.countdown(1).throw(StopIteration(3))
        self.assertEqual(caught.exception.value, 3)

    def test_a_stop_iteration_thrown_in_leaves_as_a_runtime_error(self):
        g = self.make.countdown(3)
        next(g)
        stop = StopIteration(3)
        with self.assertRaisesRegex(RuntimeError, "^generator raised StopIteration$") as caught:
            g.throw(stop)
        self.assertIs(caught.exception.__cause__, stop)
        self.assertIs(caught.exception.__context__, stop)

    # What the body raises

    def test_an_exception_ends_it(self):
        g = self.make.raises_value_error()
        next(g)
        with self.assertRaisesRegex(ValueError, "^from the body$"):
            next(g)
        self.assertEqual(inspect.getgeneratorstate(g), inspect.GEN_CLOSED)
        self.assert_returns(None, next, g)

    def test_a_stop_iteration_of_the_body_is_a_runtime_error(self):
        g = self.make.raises_stop_iteration()
        next(g)
        with self.assertRaisesRegex(RuntimeError, "^generator raised StopIteration$") as caught:
            next(g)
        self.assertIsInstance(caught.exception.__cause__, StopIteration)
        self.assertEqual(caught.exception.__cause__.value, 7)

    def test_the_traceback_names_the_generator(self):
        g = self.make.raises_value_error()
        next(g)
        try:
            next(g)
        except ValueError as e:
            self.assertEqual([frame.name for frame in traceback.extract_tb(e.__traceback__)][1:], ["raises_value_error"])

    # close

    def test_close_runs_what_cleans_up(self):
        log = []
        g = self.make.cleans_up(log)
        next(g)
        self.assertIsNone(g.close())
        self.assertEqual(log, ["started", "cleaned up"])
        self.assert_returns(None, next, g)
        self.assertIsNone(g.close())

    def test_close_before_the_start_runs_nothing(self):
        log = []
        g = self.make.cleans_up(log)
        self.assertIsNone(g.close())
        self.assertEqual(log, [])
        self.assert_returns(None, next, g)

    def test_close_raises_generator_exit_at_the_yield(self):
        log = []
        g = self.make.sees_exit(log)
        next(g)
        g.close()
        self.assertEqual(log, ["exit"])

    def test_close_gives_what_the_body_returns_then_since_3_13(self):
        g = self.make.returns_at_exit()
        next(g)
        self.assertEqual(g.close(), 42 if sys.version_info >= (3, 13) else None)
        self.assertIsNone(g.close())

    def test_a_body_that_yields_instead_is_told_so_and_goes_on(self):
        g = self.make.ignores_exit()
        next(g)
        with self.assertRaisesRegex(RuntimeError, "^generator ignored GeneratorExit$"):
            g.close()
        self.assertEqual(inspect.getgeneratorstate(g), inspect.GEN_SUSPENDED)
        self.assertEqual(list(g), ["last"])

    def test_close_raises_what_the_body_raises(self):
        g = self.make.raises_at_exit()
        next(g)
        with self.assertRaisesRegex(ValueError, "^from close$"):
            g.close()

    def test_closing_closes_it(self):
        log = []
        with contextlib.closing(self.make.cleans_up(log)) as g:
            next(g)
        self.assertEqual(log, ["started", "cleaned up"])

    # Its end without a close

    def test_dropped_it_is_closed(self):
        log = []
        g = self.make.sees_exit(log)
        next(g)
        del g
        gc.collect()
        self.assertEqual(log, ["exit"])

    def test_what_is_raised_as_it_is_dropped_is_reported(self):
        reported = []
        hook, sys.unraisablehook = sys.unraisablehook, lambda e: reported.append((e.exc_type, str(e.exc_value)))
        try:
            g = self.make.raises_at_exit()
            next(g)
            del g
            gc.collect()
        finally:
            sys.unraisablehook = hook
        self.assertEqual(reported, [(ValueError, "from close")])

    def test_what_it_holds_goes_with_it(self):
        class Held:
            pass

        held = Held()
        seen = weakref.ref(held)
        g = self.make.holds(held)
        self.assertIs(next(g), held)
        del held
        self.assertIsNotNone(seen())
        del g
        gc.collect()
        self.assertIsNone(seen())

    def test_a_cycle_is_collected(self):
        class Held:
            pass

        held = Held()
        held.generator = self.make.holds(held)
        next(held.generator)
        seen = weakref.ref(held)
        del held
        gc.collect()
        self.assertIsNone(seen())

    # Its state

    def test_the_state_is_what_inspect_says(self):
        states = []
        g = self.make.calls(lambda: states.append(inspect.getgeneratorstate(g)))
        self.assertEqual(inspect.getgeneratorstate(g), inspect.GEN_CREATED)
        next(g)
        self.assertEqual(inspect.getgeneratorstate(g), inspect.GEN_SUSPENDED)
        self.assertEqual(list(g), [2])
        self.assertEqual(inspect.getgeneratorstate(g), inspect.GEN_CLOSED)
        self.assertEqual(states, [inspect.GEN_RUNNING] * 2)

    def test_it_cannot_be_stepped_while_it_runs(self):
        texts = []

        def step():
            for again in (lambda: next(g)), (lambda: g.send(None)), (lambda: g.throw(KeyError())), (lambda: g.close()):
                try:
                    again()
                except ValueError as e:
                    texts.append(str(e))

        g = self.make.calls(step)
        self.assertEqual(next(g), 1)
        self.assertEqual(texts, ["generator already executing"] * 4)
        self.assertEqual(next(g), 2)

    def test_it_is_a_generator_to_the_abstract_classes(self):
        g = self.make.countdown(1)
        self.assertIsInstance(g, collections.abc.Generator)
        self.assertIsInstance(g, collections.abc.Iterator)
        self.assertNotIsInstance(g, collections.abc.Coroutine)

    def test_it_has_a_name_and_shows_it(self):
        g = self.make.countdown(1)
        self.assertEqual((g.__name__, g.__qualname__), ("countdown", "countdown"))
        self.assertEqual(g.gi_code.co_name, "countdown")
        self.assertEqual(g.gi_frame.f_code, g.gi_code)
        self.assertIsNone(g.gi_yieldfrom)
        self.assertRegex(repr(g), "^<generator object countdown at 0x[0-9a-f]+>$")
        self.assertEqual(type(g).__name__, "generator")
        self.assertEqual(weakref.ref(g)(), g)
        with self.assertRaises(TypeError):
            type(g)()

    def test_its_names_can_be_set_and_are_its_own(self):
        g, other = self.make.countdown(1), self.make.countdown(1)
        g.__name__, g.__qualname__ = "renamed", "Of.renamed"
        self.assertEqual((g.__name__, g.__qualname__), ("renamed", "Of.renamed"))
        self.assertRegex(repr(g), "^<generator object Of.renamed at 0x[0-9a-f]+>$")
        self.assertEqual(g.gi_code.co_name, "countdown")
        self.assertEqual((other.__name__, other.__qualname__), ("countdown", "countdown"))
        self.assertEqual(list(g), [1])
        self.assertEqual(g.__qualname__, "Of.renamed")

    def test_its_names_are_strings_and_cannot_be_deleted(self):
        g = self.make.countdown(1)
        for name in "__name__", "__qualname__":
            refused = self.assertRaisesRegex(TypeError, f"^{name} must be set to a string object$")
            for wrong in 5, b"bytes", None:
                with self.subTest(name, wrong=wrong), refused:
                    setattr(g, name, wrong)
            with self.subTest(name, deleted=True), refused:
                delattr(g, name)
        self.assertEqual((g.__name__, g.__qualname__), ("countdown", "countdown"))

    def test_a_cycle_through_its_name_is_collected(self):
        class Name(str):
            pass

        for name in "__name__", "__qualname__":
            g = self.make.countdown(1)
            text = Name("refers to the generator")
            text.generator = g
            setattr(g, name, text)
            seen = weakref.ref(g)
            del g, text
            gc.collect()
            self.assertIsNone(seen(), name)

    # yield from, both ways: an inner generator of either kind

    def inners(self):
        for kind, make in BODIES.items():
            with self.subTest(inner=kind):
                yield make

    def test_it_delegates(self):
        for inner in self.inners():
            g = self.make.delegates(inner.countdown(2))
            self.assertEqual(list(g), [2, 1, ("inner gave", "liftoff")])

    def test_python_delegates_to_it(self):
        def outer():
            result = yield from self.make.countdown(2)
            yield result

        self.assertEqual(list(outer()), [2, 1, "liftoff"])

    def test_it_delegates_to_any_iterable(self):
        for iterable in [1, 2], range(1, 3), (n for n in (1, 2)), {1: 0, 2: 0}, iter([1, 2]):
            self.assertEqual(list(self.make.delegates(iterable)), [1, 2, ("inner gave", None)])

    def test_what_is_sent_reaches_the_inner_one(self):
        for inner in self.inners():
            g = self.make.delegates(inner.averager())
            next(g)
            self.assertEqual([g.send(10), g.send(20)], [10.0, 15.0])
            self.assertEqual(g.send(30), ("inner gave", 20.0))
            self.assert_returns("outer done", next, g)

    def test_what_has_no_send_says_so(self):
        g = self.make.delegates([1, 2])
        next(g)
        with self.assertRaisesRegex(AttributeError, "^'list_iterator' object has no attribute 'send'$"):
            g.send(5)

    def test_what_is_thrown_reaches_the_inner_one(self):
        for inner in self.inners():
            g = self.make.delegates(inner.catcher())
            next(g)
            self.assertEqual(g.throw(ValueError("inside")), "caught inside")

    def test_what_the_inner_one_does_not_catch_enters_the_outer_one(self):
        for inner in self.inners():
            g = self.make.catches_from_inner(inner.catcher())
            next(g)
            exception = KeyError("passed")
            with self.assertRaises(KeyError) as caught:
                g.throw(exception)
            self.assertIs(caught.exception, exception)

    def test_what_has_no_throw_lets_the_outer_one_catch(self):
        g = self.make.catches_from_inner(["a", "b"])
        next(g)
        self.assertEqual(g.throw(ValueError("outside")), "caught outside")

    def test_what_is_thrown_may_end_the_inner_one(self):
        def inner():
            try:
                yield 1
            except ValueError:
                return "ended"

        g = self.make.delegates(inner())
        next(g)
        self.assertEqual(g.throw(ValueError()), ("inner gave", "ended"))

    def test_a_stop_iteration_thrown_in_ends_an_inner_one_without_throw(self):
        if self.make is BODIES["Python"] and sys.version_info < (3, 12):
            self.skipTest("it was a RuntimeError then")
        g = self.make.delegates(iter([1, 2]))
        next(g)
        self.assertEqual(g.throw(StopIteration(5)), ("inner gave", 5))

    def test_what_the_inner_one_raises_is_caught_by_the_outer_one(self):
        def inner():
            yield "one"
            raise ValueError("of the inner")

        self.assertEqual(list(self.make.catches_from_inner(inner())), ["one", "caught of the inner"])

    def test_close_closes_the_inner_one_first(self):
        for inner in self.inners():
            log = []
            g = self.make.delegates(inner.sees_exit(log))
            next(g)
            g.close()
            self.assertEqual(log, ["exit"])

    def test_an_inner_one_that_ignores_the_exit_is_reported(self):
        for inner in self.inners():
            g = self.make.delegates(inner.ignores_exit())
            next(g)
            with self.assertRaisesRegex(RuntimeError, "^generator ignored GeneratorExit$"):
                g.close()

    def test_it_delegates_to_itself_of_another_kind_at_any_depth(self):
        g = self.make.countdown(3)
        for _ in range(30):
            for make in BODIES.values():
                g = make.delegates(g)
        self.assertEqual(list(itertools.islice(g, 3)), [3, 2, 1])


for kind, body in BODIES.items():
    name = f"ProtocolOf{'Python' if kind == 'Python' else 'Cpp'}"
    globals()[name] = type(name, (Protocol, unittest.TestCase), {"make": body})


if __name__ == "__main__":
    unittest.main()
