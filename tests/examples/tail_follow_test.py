"""tail_follow, of files that others write to, cut and replace."""

import os
import select
import signal
import subprocess
import tempfile
import unittest

import serving


class Following:
    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [serving.program, "--interval", "0.02", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def __enter__(self):
        return self

    def shows(self, size):
        return self.process.stdout.read(size)

    def says(self):
        return self.process.stderr.readline()

    def __exit__(self, *raised):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)
        if self.process.returncode != serving.INTERRUPTED and not any(raised):
            raise AssertionError(f"ended with {self.process.returncode}")


class TailFollow(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = scratch.name
        self.path = os.path.join(scratch.name, "log")

    def write(self, text, path=None, mode="a"):
        with open(path or self.path, mode) as file:
            file.write(text)

    def test_the_last_lines_and_what_follows(self):
        self.write("".join(f"{number}\n" for number in range(50000)))
        with Following("-n", "3", self.path) as tail:
            self.assertEqual(tail.shows(18), "49997\n49998\n49999\n")
            self.write("more\nand a part")
            self.assertEqual(tail.shows(15), "more\nand a part")
            self.write(" and its rest\n")
            self.assertEqual(tail.shows(14), " and its rest\n")

    def test_a_last_line_without_its_end_is_one(self):
        self.write("one\ntwo\nthree")
        with Following("-n", "2", self.path) as tail:
            self.assertEqual(tail.shows(9), "two\nthree")

    def test_fewer_lines_than_asked_for_and_none(self):
        self.write("one\n")
        with Following(self.path) as tail:
            self.assertEqual(tail.shows(4), "one\n")
        with Following("-n", "0", self.path) as tail:
            # It looks for the end when it has started, which nobody sees.
            while not select.select([tail.process.stdout], [], [], 0.1)[0]:
                self.write("two\n")
            self.assertEqual(tail.shows(4), "two\n")

    def test_a_file_that_is_cut(self):
        self.write("long enough to see it cut\n")
        with Following(self.path) as tail:
            tail.shows(26)
            self.write("new\n", mode="w")
            self.assertEqual(tail.shows(4), "new\n")
            self.assertEqual(tail.says(), f"tail_follow: {self.path}: it was cut; from its start\n")

    def test_a_file_that_is_replaced_as_by_logrotate(self):
        self.write("old\n")
        with Following(self.path) as tail:
            self.assertEqual(tail.shows(4), "old\n")
            os.rename(self.path, self.path + ".1")
            self.write("last\n", self.path + ".1")
            self.assertEqual(tail.shows(5), "last\n")
            self.assertRegex(tail.says(), "No such file or directory; waiting for it\n$")
            self.write("new\n")
            self.assertEqual(tail.shows(4), "new\n")
            self.assertEqual(tail.says(), f"tail_follow: {self.path}: it was replaced\n")

    def test_a_file_that_is_not_there_yet(self):
        with Following(self.path) as tail:
            self.assertEqual(tail.says(), f"tail_follow: {self.path}: No such file or directory; waiting for it\n")
            self.write("here\n")
            self.assertEqual(tail.shows(5), "here\n")

    def test_two_files_have_titles(self):
        other = os.path.join(self.scratch, "other")
        self.write("a\n")
        self.write("b\n", other)
        with Following(self.path, other) as tail:
            first = f"==> {self.path} <==\na\n"
            self.assertEqual(tail.shows(len(first)), first)
            second = f"\n==> {other} <==\nb\n"
            self.assertEqual(tail.shows(len(second)), second)

    def test_who_reads_no_more_ends_it(self):
        self.write("a\n")
        tail = subprocess.Popen([serving.program, "--interval", "0.02", self.path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        tail.stdout.read(2)
        tail.stdout.close()
        self.write("b\n")
        _, errors = tail.communicate(timeout=20)
        self.assertEqual((tail.returncode, errors), (1, "tail_follow: write to stdout: Broken pipe\n"))


def trial():
    tail = subprocess.Popen([serving.program, __file__], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    tail.stdout.read(1)
    tail.send_signal(signal.SIGINT)
    return tail.communicate(timeout=20)[1]


if __name__ == "__main__":
    serving.main_of_command(trial)
