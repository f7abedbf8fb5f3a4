#!/usr/bin/env python3
"""Tests of the tour on real input: what it prints, says on standard error, and ends with.

usage: real_input_test.py PROGRAM [--limit-address-space] [unittest's arguments]

--limit-address-space: also run it in little memory (not under AddressSanitizer, which reserves terabytes).
"""

import math
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = ""
LIMITS_ADDRESS_SPACE = False
MEBIBYTE = 1 << 20


def run(*arguments, stdin=b"", **options):
    """The exit status, the lines of standard output below "reading ...", and those of standard error."""
    options["input" if isinstance(stdin, bytes) else "stdin"] = stdin
    command = [PROGRAM, "real_input", *arguments]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, **options)
    return done.returncode, done.stdout.decode().splitlines()[2:], done.stderr.decode().splitlines()


def averaged(numbers):
    """The article's averager2, on all numbers."""
    total, count, average = 0.0, 0, None
    for term in numbers:
        total += term
        count += 1
        average = total / count
    return {"count": count, "average": average}


def is_finite_number(word):
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False


class Case(unittest.TestCase):
    def read(self, text, *arguments):
        """Gives the program the text as a file called `input` in its directory."""
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "input").write_bytes(text if isinstance(text, bytes) else text.encode())
            return run("--input", "input", *arguments, cwd=directory)

    def averages(self, text, numbers, skipped=0):
        status, lines, _ = self.read(text)
        self.assertEqual(status, 0)
        self.assertEqual(lines[-2:], [f"returned {averaged(numbers)}", f"skipped {skipped} word{'s' * (skipped != 1)}"])
        return lines[:-2]


class Numbers(Case):
    def test_the_average_runs_with_each_number(self):
        shown = self.averages("10 20\n30\n", [10, 20, 30])
        self.assertEqual(
            [line.split() for line in shown],
            [
                ["1:", "10.0", "average", "10.0"],
                ["2:", "20.0", "average", "15.0"],
                ["3:", "30.0", "average", "20.0"],
            ],
        )

    def test_a_long_input_shows_ever_fewer_averages_and_the_last(self):
        shown = self.averages("1\n" * 2345, [1] * 2345)
        counts = [int(line.split(":")[0]) for line in shown]
        self.assertEqual(counts, [*range(1, 21), 50, 100, 200, 500, 1000, 2000, 2345])

    def test_the_last_average_is_shown_once(self):
        shown = self.averages("1\n" * 100, [1] * 100)
        self.assertEqual([int(line.split(":")[0]) for line in shown][-2:], [50, 100])

    def test_numbers_are_what_float_takes(self):
        words = "1e3 -2.5 +7 .5 5. 1E-3 1_000 1_0.2_5e1_0 007 -0 1e-400 4.9e-324 123456789012345678901234567890 1E+05"
        self.averages(words, [float(word) for word in words.split()])

    def test_words_that_float_refuses_are_skipped(self):
        words = "1,5 0x10 1e 1e+ . + - +-1 --1 1_ _1 1__0 1_.5 1._5 1e_5 nan(1) infinit 12kg 1-2 e5 1.2.3 ' \" \\".split()
        self.assertFalse(any(map(is_finite_number, words)))
        self.averages(" ".join(words), [], skipped=len(words))
        _, _, errors = self.read(" ".join(words))
        self.assertEqual([error for error in errors if not error.endswith("is not a number; skipped")], [])

    def test_words_like_numbers_are_judged_as_python_judges_them(self):
        chance = random.Random(1)
        words = ["".join(chance.choices("0123456789.eE+-_", k=chance.randint(1, 6))) for _ in range(20_000)]
        numbers = [float(word) for word in words if is_finite_number(word)]
        self.assertGreater(len(numbers), 3000)
        self.averages("\n".join(words), numbers, skipped=len(words) - len(numbers))

    def test_numbers_are_shown_as_python_shows_them(self):
        chance = random.Random(2)
        values = [1e15, 1e16, 123456789012345680.0, 0.0001, 0.00001, -0.0, 5e-324, 1.7976931348623157e308, 2.0**53, 0.1]
        values += [chance.uniform(-1, 1) * 10.0 ** chance.randint(-300, 300) for _ in range(490)]
        values += [chance.randint(0, 2**53) * 2.0 ** chance.randint(-4, 2) for _ in range(500)]
        for start in range(0, len(values), 20):  # the first 20 are all shown
            chunk = values[start : start + 20]
            _, lines, _ = self.read(" ".join(map(repr, chunk)))
            self.assertEqual([line.split()[1] for line in lines[: len(chunk)]], list(map(repr, chunk)))

    def test_a_sum_that_overflows_does_so_as_in_python(self):
        self.averages("1e308 1e308", [1e308, 1e308])

    def test_nan_and_inf_and_overflow_are_skipped_for_they_would_be_the_average_ever_after(self):
        status, lines, errors = self.read("nan 1 inf -Infinity 1e400 NAN 3")
        self.assertEqual((status, lines[-2:]), (0, ["returned {'count': 2, 'average': 2.0}", "skipped 5 words"]))
        self.assertEqual(errors[0], "input:1:1: 'nan' is not a finite number; skipped")
        self.assertEqual(errors[3], "input:1:21: '1e400' is not a finite number; skipped")


class Lines(Case):
    def test_the_last_line_may_lack_its_end(self):
        self.averages("1\n2\n4", [1, 2, 4])

    def test_windows_line_ends(self):
        self.averages("1\r\n2\r\n\r\n4\r\n", [1, 2, 4])

    def test_blank_lines_and_all_spaces_of_ascii(self):
        self.averages("\n \t 1\t2\v3\f\n\n\n   4   \n", [1, 2, 3, 4])

    def test_a_line_may_be_long(self):
        self.averages("2 " * 1_000_000, [2] * 1_000_000)

    def test_a_word_may_be_long(self):
        self.averages("1" + "0" * 300 + " " + "0" * 100_000 + "3", [1e300, 3])

    def test_lines_that_begin_with_a_hash_are_comments(self):
        self.averages("# 17 of them\n  # and 4\n1 2\n", [1, 2])
        self.averages("1 # 2\n", [1, 2], skipped=1)

    def test_a_byte_order_mark_is_no_part_of_the_first_word(self):
        self.averages("\ufeff1 2", [1, 2])

    def test_an_empty_file_has_no_average(self):
        for text in ("", "\n", "# nothing\n", "  \r\n"):
            with self.subTest(text):
                status, lines, errors = self.read(text)
                self.assertEqual((status, errors), (0, []))
                expected = ["there is no number in input: no average", "returned {'count': 0, 'average': None}"]
                self.assertEqual(lines, [*expected, "skipped 0 words"])


class Skipping(Case):
    def test_the_message_names_file_line_column_and_word(self):
        _, _, errors = self.read("1 2\n3  four 5\n")
        self.assertEqual(errors, ["input:2:4: 'four' is not a number; skipped"])

    def test_columns_are_characters_not_bytes(self):
        _, _, errors = self.read("é ü x\n")
        self.assertEqual([error.split()[0] for error in errors], ["input:1:1:", "input:1:3:", "input:1:5:"])

    def test_what_a_terminal_would_obey_is_escaped(self):
        _, _, errors = self.read(b"\x1b[2J \xff\xe2\x82 \x7f a'b")
        words = [error.split()[1] for error in errors]
        self.assertEqual(words, [r"'\x1b[2J'", r"'\xff\xe2\x82'", r"'\x7f'", '''"a'b"'''])

    def test_a_long_word_is_shortened_between_two_characters(self):
        _, _, errors = self.read("é" * 100)
        self.assertEqual(errors, [f"input:1:1: '{'é' * 30}'... is not a number; skipped"])
        _, _, errors = self.read("x" + "é" * 100)
        self.assertEqual(errors, [f"input:1:1: 'x{'é' * 29}'... is not a number; skipped"])

    def test_after_a_hundred_messages_words_are_only_counted(self):
        status, lines, errors = self.read("x\n" * 1234)
        self.assertEqual((status, lines[-1]), (0, "skipped 1234 words"))
        self.assertEqual(errors[99], "input:100:1: 'x' is not a number; skipped")
        self.assertEqual(errors[100:], ["input: more words that are not numbers will only be counted"])

    def test_strict_stops_at_the_first(self):
        status, lines, errors = self.read("1\n2 x 3 y\n", "--strict")
        self.assertEqual((status, len(lines)), (1, 2))
        self.assertEqual(errors, ["input:2:3: 'x' is not a number; stopped (--strict)"])

    def test_strict_stops_at_nan(self):
        status, _, errors = self.read("1 nan", "--strict")
        self.assertEqual((status, errors), (1, ["input:1:3: 'nan' is not a finite number; stopped (--strict)"]))

    def test_strict_is_content_with_numbers(self):
        status, lines, errors = self.read("1 2", "--strict")
        self.assertEqual((status, lines[-2], errors), (0, "returned {'count': 2, 'average': 1.5}", []))


class Sources(Case):
    def test_a_missing_file_is_an_error(self):
        status, lines, errors = run("--input", "/no/such file")
        self.assertEqual(
            (status, lines, errors), (2, [], ["tour: [Errno 2] No such file or directory: '/no/such file'"])
        )

    def test_a_directory_is_an_error(self):
        status, _, errors = run("--input", "/")
        self.assertEqual((status, errors), (2, ["tour: [Errno 21] Is a directory: '/'"]))

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_a_file_that_may_not_be_read_is_an_error(self):
        with tempfile.NamedTemporaryFile() as file:
            os.chmod(file.name, 0)
            status, _, errors = run("--input", file.name)
            self.assertEqual((status, errors), (2, [f"tour: [Errno 13] Permission denied: '{file.name}'"]))

    def test_a_path_may_hold_spaces_and_quotes(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "a \"b\" 'c' $d")
            path.write_text("5")
            self.assertEqual(run("--input", str(path))[:2][1][-2], "returned {'count': 1, 'average': 5.0}")

    def test_a_dash_is_standard_input(self):
        status, lines, errors = run("--input", "-", stdin=b"1 2 x")
        self.assertEqual((status, lines[-2]), (0, "returned {'count': 2, 'average': 1.5}"))
        self.assertEqual(errors, ["<stdin>:1:5: 'x' is not a number; skipped"])

    def test_a_dash_is_standard_input_even_if_it_is_empty(self):
        status, lines, _ = run("--input", "-", stdin=b"")
        self.assertEqual((status, lines[1]), (0, "returned {'count': 0, 'average': None}"))

    def test_what_is_piped_in_is_read(self):
        status, lines, _ = run(stdin=b"4 8")
        self.assertEqual((status, lines[-2]), (0, "returned {'count': 2, 'average': 6.0}"))

    def test_a_file_as_standard_input_is_read(self):
        with tempfile.TemporaryFile() as file:
            file.write(b"4 8")
            file.seek(0)
            status, lines, _ = run(stdin=file)
            self.assertEqual((status, lines[-2]), (0, "returned {'count': 2, 'average': 6.0}"))

    def test_a_named_file_goes_before_what_is_piped_in(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("7")
            file.flush()
            _, lines, _ = run("--input", file.name, stdin=b"4 8")
            self.assertEqual(lines[-2], "returned {'count': 1, 'average': 7.0}")

    def reads_its_own_data(self, **options):
        status, lines, errors = run(**options)
        self.assertEqual(status, 0, errors)
        self.assertIn("'count': 300", lines[-2])
        self.assertEqual(lines[-1], "skipped 0 words")
        return errors

    def test_without_any_input_it_reads_its_own_data(self):
        self.reads_its_own_data(stdin=subprocess.DEVNULL)

    def test_an_empty_pipe_is_no_input(self):
        self.reads_its_own_data(stdin=b"")

    def test_a_closed_standard_input_is_no_input(self):
        self.reads_its_own_data(preexec_fn=lambda: os.close(0))

    def test_a_pipe_or_socket_that_stays_silent_is_no_input_and_does_not_hang(self):
        ours, theirs = socket.socketpair()
        silent, writable = os.pipe()
        with ours, theirs, open(silent, "rb") as silent, open(writable, "wb"):
            for each in (theirs, silent):
                errors = self.reads_its_own_data(stdin=each)
                self.assertEqual(errors, ["tour: nothing comes on standard input; --input - waits for it longer"])

    def test_numbers_are_averaged_as_they_come(self):
        with subprocess.Popen(
            [PROGRAM, "real_input", "--input", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as program:
            for number, average in (("1", b"1.0"), ("2", b"1.5"), ("6", b"3.0")):
                program.stdin.write(f"{number}\n".encode())
                program.stdin.flush()
                line = program.stdout.readline()
                while b"average" not in line:
                    self.assertNotEqual(line, b"")
                    line = program.stdout.readline()
                self.assertEqual(line.split()[-1], average)
            program.stdin.close()
            self.assertIn(b"'count': 3", program.stdout.read())


class Memory(unittest.TestCase):
    def most_memory(self, mebibytes):
        """The most memory in bytes that it had while it read so much from a pipe."""
        line = b"".join(b"%d.25 " % number for number in range(100)) + b"word\n"
        chunk = line * (MEBIBYTE // len(line))
        with subprocess.Popen(
            [PROGRAM, "real_input", "--input", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as program:
            for _ in range(mebibytes):
                program.stdin.write(chunk)
            # Not the rusage of a child: the memory of this process, which the child had until its exec, counts there.
            status = Path(f"/proc/{program.pid}/status").read_text()
        self.assertEqual(program.returncode, 0)
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def test_it_does_not_grow_with_the_input(self):
        little, much = self.most_memory(1), self.most_memory(50)
        print(f"resident at most: {little // 1024} KiB for 1 MiB, {much // 1024} KiB for 50 MiB", file=sys.stderr)
        self.assertLess(much, little + 2 * MEBIBYTE)

    def test_sixteen_mebibytes_of_addresses_are_enough_for_a_hundred(self):
        if not LIMITS_ADDRESS_SPACE:
            self.skipTest("a sanitizer reserves more")
        with tempfile.NamedTemporaryFile() as file:
            for _ in range(100):
                file.write(b"1.5 2.5\n" * (MEBIBYTE // 8))
            file.flush()
            limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (16 * MEBIBYTE, 16 * MEBIBYTE))
            status, lines, errors = run("--input", file.name, preexec_fn=limit)
        self.assertEqual((status, errors), (0, []))
        self.assertEqual(lines[-2], f"returned {{'count': {200 * MEBIBYTE // 8}, 'average': 2.0}}")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    if "--limit-address-space" in sys.argv:
        sys.argv.remove("--limit-address-space")
        LIMITS_ADDRESS_SPACE = True
    unittest.main()
