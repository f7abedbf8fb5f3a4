"""port_check, against sockets that listen, refuse, or do not answer."""

import socket
import unittest

import serving


def listening():
    server = socket.create_server(("127.0.0.1", 0))
    return server, server.getsockname()[1]


def free_port():
    server, port = listening()
    server.close()
    return port


class PortCheck(unittest.TestCase):
    def test_all_open(self):
        first, one = listening()
        second, other = listening()
        with first, second:
            done = serving.run("127.0.0.1", str(one), str(other))
        self.assertEqual(done.stdout, f"{one:5}  open at 127.0.0.1\n{other:5}  open at 127.0.0.1\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_one_is_closed(self):
        server, port = listening()
        closed = free_port()
        with server:
            done = serving.run("localhost", str(port), str(closed))
        self.assertEqual(done.stdout, f"{port:5}  open at 127.0.0.1\n{closed:5}  Connection refused\n")
        self.assertEqual(done.returncode, 1)

    def test_a_thousand_ports_of_which_one_is_open(self):
        server, port = listening()
        with server:
            first = min(max(port - 500, 1), 64000)
            done = serving.run("--open", "127.0.0.1", f"{first}-{first + 1000}")
        self.assertIn(f"{port:5}  open at 127.0.0.1\n", done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_no_answer_in_time(self):
        # A queue of connections that is full: the kernel answers no more.
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen(0)
            port = server.getsockname()[1]
            waiting = []
            for _ in range(4):
                waiting.append(socket.socket())
                waiting[-1].setblocking(False)
                waiting[-1].connect_ex(("127.0.0.1", port))
            done = serving.run("--timeout", "0.3", "127.0.0.1", str(port))
            for each in waiting:
                each.close()
        self.assertEqual(done.stdout, f"{port:5}  no answer\n")

    def test_what_is_wrong_is_said(self):
        done = serving.run("nowhere.invalid", "80")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^port_check: nowhere\.invalid: .+\n$")
        for wrong in "0", "65536", "http", "80-", "1-2-3":
            done = serving.run("127.0.0.1", wrong)
            self.assertEqual(done.stderr, f'port_check: "{wrong}" is no port: a number from 1 to 65535, or two as in 8000-8010\n')
            self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    serving.main_of_command(lambda: serving.run("127.0.0.1", "1").stderr)
