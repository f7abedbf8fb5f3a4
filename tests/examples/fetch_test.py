"""fetch, with Python's http.server as the other side, and with sockets where that answers as no good server does."""

import contextlib
import http.server
import os
import pathlib
import pty
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import serving


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    at_once = 0
    most_at_once = 0
    awaited_at_once = 1
    counting = threading.Condition()

    def do_GET(self):
        name = self.path.split("?")[0].rsplit("/", 1)[-1]
        getattr(self, "answer_" + name.replace(".", "_"), self.answer_none)()

    def say(self, status, body=b"", **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", len(body))
        self.end_headers()
        self.wfile.write(body)

    def answer_(self):
        self.say(200, b"front page")

    def answer_sized(self):
        self.say(200, b"sized " * 100_000)

    def answer_chunked(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for size in (1, 10, 70_000):
            self.wfile.write(b"%x;ext=1\r\n%s\r\n" % (size, b"c" * size))
        self.wfile.write(b"0\r\nTrailer: x\r\n\r\n")

    def answer_until_close(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"u" * 100_000)
        self.close_connection = True

    def answer_request(self):
        self.say(200, self.raw_requestline + str(self.headers).encode())

    def answer_moved(self):
        self.say(302, b"not this body", Location="sized")

    def answer_far(self):
        self.say(301, Location="/a/b/../c/up")

    def answer_up(self):
        self.say(308, Location="../../moved?x#fragment")

    def answer_around(self):
        self.say(302, Location="around")

    def answer_astray(self):
        self.say(302, Location="ftp://example.org/")

    def answer_short(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True

    def answer_unfinished(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"4\r\nfour\r\n")
        self.close_connection = True

    def answer_together(self):
        """When as many as are awaited have asked, or never will; more have a moment to show up."""
        with self.counting:
            Handler.at_once += 1
            Handler.most_at_once = max(Handler.most_at_once, Handler.at_once)
            self.counting.notify_all()
            self.counting.wait_for(lambda: Handler.most_at_once >= Handler.awaited_at_once, timeout=20)
        time.sleep(0.05)
        with self.counting:
            Handler.at_once -= 1
        self.say(200)

    def answer_to_http(self):
        self.say(302, Location="http://example.org/")

    def answer_slow(self):
        time.sleep(0.1)
        self.say(200, b"slow")

    def answer_none(self):
        self.say(404, b"no such page")

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def python_server(context=None):
    """Gives its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # a client that leaves
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def answering(raw):
    """Answers one connection with these bytes, or never if they are None. Gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer():
            peer, _ = listening.accept()
            with peer:
                peer.recv(65536)
                if raw is None:
                    peer.recv(1)
                else:
                    peer.sendall(raw)

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


class Fetch(unittest.TestCase):
    def setUp(self):
        scope = contextlib.ExitStack()
        self.addCleanup(scope.close)
        self.url = f"http://127.0.0.1:{scope.enter_context(python_server())}"
        self.directory = pathlib.Path(scope.enter_context(tempfile.TemporaryDirectory()))

    def fetch(self, *arguments):
        return serving.run(*arguments)

    def fails(self, why, *arguments, url=None):
        done = self.fetch(url, *arguments, "--output", str(self.directory))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "", f"fetch: {url}: {why}\n"))
        self.assertEqual(list(self.directory.iterdir()), [])

    def saved(self):
        return {each.name: each.read_bytes() for each in self.directory.iterdir()}


class Bodies(Fetch):
    def test_bodies_of_each_kind_come_whole(self):
        done = self.fetch(*(f"{self.url}/{name}" for name in ("sized", "chunked", "until.close", "")), "--output", str(self.directory))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        bodies = {"sized": b"sized " * 100_000, "chunked": b"c" * 70_011, "until.close": b"u" * 100_000, "index.html": b"front page"}
        self.assertEqual(self.saved(), bodies)
        lines = {line.split()[-1]: line for line in done.stdout.splitlines()}
        self.assertRegex(lines[f"{self.url}/chunked"], r"^200 +70011 B +\d+\.\d{3} s  ")
        self.assertEqual(len(lines), 4)

    def test_without_output_bodies_are_dropped(self):
        done = self.fetch(self.url + "/")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, rf"^200 +10 B +\d+\.\d{{3}} s  {self.url}/\n$")

    def test_one_body_to_standard_output(self):
        done = self.fetch(self.url + "/chunked", "--output", "-")
        self.assertEqual((done.returncode, done.stdout), (0, "c" * 70_011))
        self.assertRegex(done.stderr, r"^200 +70011 B ")

    def test_files_of_the_same_name_are_numbered(self):
        done = self.fetch(*(f"{self.url}/{name}" for name in ("a/sized", "chunked", "b/sized?x=/y")), "--output", str(self.directory))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({name: len(body) for name, body in self.saved().items()}, {"sized": 600_000, "sized.1": 600_000, "chunked": 70_011})

    def test_what_is_asked(self):
        self.fetch(self.url + "/a%20b/request?q=1&r=%2F#fragment", "--output", str(self.directory))
        said = self.saved()["request"].decode()
        self.assertTrue(said.startswith("GET /a%20b/request?q=1&r=%2F HTTP/1.1\r\n"), said)
        self.assertIn(f"Host: {self.url[len('http://'):]}\n", said)

    def test_interim_answers_are_passed_over(self):
        with answering(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") as port:
            done = self.fetch(f"http://127.0.0.1:{port}/x", "--output", "-")
        self.assertEqual(done.stdout, "hi")


class Redirects(Fetch):
    def test_they_are_followed_to_where_they_lead(self):
        done = self.fetch(self.url + "/far", "--output", str(self.directory))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, rf"^200 +600000 B .* {self.url}/far -> {self.url}/sized\n$")
        self.assertEqual(self.saved(), {"far": b"sized " * 100_000})

    def test_not_for_ever(self):
        self.fails("more than 10 redirects, the last to around", url=self.url + "/around")
        self.fails("more than 0 redirects, the last to sized", "--redirects", "0", url=self.url + "/moved")

    def test_not_to_where_it_cannot_go(self):
        self.fails("bad URL: it has to begin with http:// or https://", url=self.url + "/astray")


class Failures(Fetch):
    def test_an_answer_that_is_none_of_the_good_ones(self):
        self.fails("answered 404 Not Found", url=self.url + "/nowhere")

    def test_bad_urls(self):
        for url, why in (
            ("ftp://example.org/", "it has to begin with http:// or https://"),
            ("example.org", "it has to begin with http:// or https://"),
            ("http:///x", "it names no host"),
            ("http://a b/", '" b/" cannot stand there'),
            ("http://a:b/", '"/" cannot stand there'),
            ("http://[::1/", '"/" cannot stand there'),
            ("http://a:70000/", "no port is 70000"),
            ("http://user@a/", "a user's name in it is not supported"),
        ):
            with self.subTest(url):
                self.fails("bad URL: " + why, url=url)

    def test_a_name_that_nobody_has(self):
        done = self.fetch("http://nowhere.invalid/")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^fetch: http://nowhere\.invalid/: nowhere\.invalid: .*(not known|failure in name resolution)\n$")

    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as once:
            port = once.getsockname()[1]
        self.fails(f"connect to 127.0.0.1:{port}: Connection refused", url=f"http://127.0.0.1:{port}/x")

    def test_one_that_never_answers(self):
        with answering(None) as port:
            self.fails("timed out after 0.2 s", "--timeout", "0.2", url=f"http://127.0.0.1:{port}/x")

    def test_bodies_that_end_early(self):
        self.fails("the body ended early, after 9 of 1000 bytes", url=self.url + "/short")
        self.fails("the body ended early, after 4 bytes", url=self.url + "/unfinished")

    def test_what_is_no_answer(self):
        for raw, why in (
            (b"", "the connection ended before an answer came"),
            (b"HTTP/1.1 200 OK\r\nContent-Le", "the connection ended before an answer came"),
            (b"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP: invalid constant string"),
            (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000, "not HTTP: too many header bytes seen; overflow detected"),
        ):
            with self.subTest(raw[:20]), answering(raw) as port:
                self.fails(why, url=f"http://127.0.0.1:{port}/x")

    def test_a_reset(self):
        with socket.create_server(("127.0.0.1", 0)) as listening:

            def reset():
                peer, _ = listening.accept()
                peer.recv(65536)
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                peer.close()

            thread = threading.Thread(target=reset)
            thread.start()
            port = listening.getsockname()[1]
            self.fails(f"read from 127.0.0.1:{port}: Connection reset by peer", url=f"http://127.0.0.1:{port}/x")
            thread.join()

    def test_one_that_fails_leaves_the_others(self):
        done = self.fetch(self.url + "/nowhere", self.url + "/sized", "nonsense", self.url + "/", "--output", str(self.directory))
        self.assertEqual(done.returncode, 1)
        self.assertEqual((len(done.stdout.splitlines()), len(done.stderr.splitlines())), (2, 2))
        self.assertEqual(self.saved().keys(), {"sized", "index.html"})

    def test_a_disk_that_is_full(self):
        (self.directory / "sized.part").symlink_to("/dev/full")
        done = self.fetch(self.url + "/sized", "--output", str(self.directory))
        part = self.directory / "sized.part"
        self.assertEqual((done.returncode, done.stderr), (1, f"fetch: {self.url}/sized: write {part}: No space left on device\n"))


class Crowds(Fetch):
    def test_no_more_than_the_limit_at_a_time(self):
        for limit in (1, 3):
            Handler.most_at_once = 0
            Handler.awaited_at_once = limit
            done = self.fetch(*[self.url + "/together"] * 6, "--limit", str(limit))
            self.assertEqual((done.returncode, len(done.stdout.splitlines())), (0, 6))
            self.assertEqual(Handler.most_at_once, limit)

    def test_who_waits_for_its_turn_is_not_timed(self):
        done = self.fetch(*[self.url + "/slow"] * 10, "--limit", "1", "--timeout", "0.9")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_many(self):
        done = self.fetch(*[self.url + "/chunked"] * 100, "--limit", "20")
        self.assertEqual((done.returncode, len(done.stdout.splitlines()), done.stderr), (0, 100, ""))


class Interface(Fetch):
    def test_a_bar_where_there_is_a_terminal(self):
        us, terminal = pty.openpty()
        done = subprocess.run([serving.program, self.url + "/sized", self.url + "/nowhere"], stdout=subprocess.PIPE, stderr=terminal, timeout=60)
        os.close(terminal)
        seen = b""
        with contextlib.suppress(OSError):  # the end, of a terminal
            while piece := os.read(us, 65536):
                seen += piece
        os.close(us)
        self.assertRegex(done.stdout, rb"^200 ")
        self.assertIn(b"\r\x1b[K[..............................] 0/2, 0.0 MB", seen)
        self.assertIn(b"\r\x1b[K[##############################] 2/2, 0.6 MB", seen)
        self.assertIn(b"\r\x1b[Kfetch: ", seen)
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen)  # it is gone at the end

    def test_ctrl_c_leaves_nothing(self):
        with answering(None) as port:
            url = f"http://127.0.0.1:{port}/x"
            process = subprocess.Popen([serving.program, url, "--output", str(self.directory)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.communicate(timeout=20), (b"", b""))
        self.assertEqual(process.returncode, 130)
        self.assertEqual(list(self.directory.iterdir()), [])

    def test_bad_options_are_clear_errors(self):
        nowhere = str(self.directory / "nowhere")
        for arguments, why in (
            (["--output", nowhere], f"fetch: --output {nowhere}: No such file or directory"),
            (["--output", "/dev/null"], "fetch: --output /dev/null: Not a directory"),
            (["--output", "-", "http://two/"], "fetch: --output -: there is more than one URL"),
            (["--limit", "0"], "--limit: Value 0 not in range 1 to 10000"),
            (["--timeout", "-1"], "--timeout: Value -1 not in range 0.001000 to 1000000.000000"),
            (["--ca", nowhere], f"--ca: File does not exist: {nowhere}"),
        ):
            with self.subTest(why):
                done = self.fetch("http://one/", *arguments)
                self.assertNotEqual(done.returncode, 0)
                self.assertEqual(done.stderr.splitlines()[0], why)


def main(clients=()):
    serving.main_of_command(lambda: serving.run("http://127.0.0.1:1/").stderr, clients)


if __name__ == "__main__":
    main()
