"""parallel, with programs of the system."""

import os
import signal
import subprocess
import tempfile
import time
import unittest

import serving


class Parallel(unittest.TestCase):
    def test_each_line_of_standard_input(self):
        done = serving.run("--jobs", "3", "echo", "<{}>", "{}", input="a b\nc\n\nd")
        self.assertEqual(sorted(done.stdout.splitlines()), ["<> ", "<a b> a b", "<c> c", "<d> d"])
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_things_that_are_given_and_come_last(self):
        done = serving.run("-j", "1", "printf", "%s-", ":::", "a", "--keep-order", "")
        self.assertEqual(done.stdout, "a---keep-order--")

    def test_the_order_can_be_kept(self):
        done = serving.run("-k", "-j", "4", "sh", "-c", "sleep 0.$1; echo $1", "sh", ":::", "4", "3", "2", "1")
        self.assertEqual(done.stdout, "4\n3\n2\n1\n")

    def test_so_many_at_a_time_and_no_more(self):
        with tempfile.TemporaryDirectory() as scratch:
            script = 'mkdir "$0/$1"; ls "$0" | wc -l; sleep 0.05; rmdir "$0/$1"'
            done = serving.run("-j", "3", "sh", "-c", script, scratch, input="\n".join(map(str, range(20))))
        counts = [int(each) for each in done.stdout.split()]
        self.assertEqual(len(counts), 20)
        self.assertEqual(max(counts), 3)

    def test_much_output_comes_in_one_piece_each(self):
        done = serving.run("-j", "4", "sh", "-c", "yes $1 | head -c 300000", "sh", ":::", "a", "b", "c", "d")
        pieces = [done.stdout[at : at + 300000] for at in range(0, 1200000, 300000)]
        self.assertEqual(sorted(pieces), [f"{letter}\n" * 150000 for letter in "abcd"])

    def test_failures_are_counted_and_told(self):
        done = serving.run("-j", "1", "sh", "-c", "exit $1", "sh", ":::", "0", "3", "0", "4")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, 'parallel: sh for "3" gave 3\nparallel: sh for "4" gave 4\n')
        done = serving.run("sh", "-c", "kill -9 $$", "sh", ":::", "x")
        self.assertEqual((done.returncode, done.stderr), (1, 'parallel: sh for "x" ended by signal 9\n'))

    def test_halt_ends_the_others(self):
        started = time.monotonic()
        done = serving.run("--halt", "-j", "2", "sh", "-c", "$1", "sh", ":::", "exec sleep 50", "exit 3", "exec sleep 50")
        self.assertLess(time.monotonic() - started, 30)
        self.assertEqual((done.returncode, done.stderr), (1, 'parallel: sh for "exit 3" gave 3\n'))

    def test_what_cannot_be_run_is_said(self):
        done = serving.run("nowhere-at-all", ":::", "x")
        self.assertEqual((done.returncode, done.stderr), (1, "parallel: nowhere-at-all: No such file or directory\n"))
        done = serving.run()
        self.assertEqual((done.returncode, done.stderr), (2, "parallel: no command is given; see parallel --help\n"))
        self.assertNotEqual(serving.run("--jobs", "0", "true").returncode, 0)

    def test_ctrl_c_ends_it_and_what_it_runs(self):
        with tempfile.TemporaryDirectory() as scratch:
            script = 'echo $$ > "$0/$1"; exec sleep 50'
            running = subprocess.Popen([serving.program, "-j", "2", "sh", "-c", script, scratch, ":::", "a", "b", "c"])
            pids = []
            while len(pids) < 2:
                time.sleep(0.02)
                written = [open(os.path.join(scratch, name)).read() for name in os.listdir(scratch)]
                pids = [int(each) for each in written if each.endswith("\n")]
            running.send_signal(signal.SIGINT)
            self.assertEqual(running.wait(timeout=20), serving.INTERRUPTED)
            for pid in pids:
                with self.assertRaises(ProcessLookupError):
                    os.kill(pid, 0)


if __name__ == "__main__":
    serving.main_of_command(lambda: serving.run("true", ":::", "x").stderr)
