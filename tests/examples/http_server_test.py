"""http_server, with curl as its client, and with sockets where it must be told what no good client says."""

import email.utils
import os
import pathlib
import select
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import serving


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *headers = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in headers)}


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.above = pathlib.Path(tempfile.mkdtemp())
        cls.root = cls.above / "site"
        (cls.above / "secret.txt").write_text("secret")
        (cls.above / "site-too").mkdir()
        (cls.above / "site-too" / "secret.txt").write_text("secret")
        cls.root.mkdir()
        (cls.root / "a.txt").write_text("0123456789")
        (cls.root / "empty").touch()
        (cls.root / "big").write_bytes(bytes(range(256)) * 4096 * 4)
        (cls.root / "page").mkdir()
        (cls.root / "page" / "index.html").write_text("<p>page")
        cls.odd = "<b>&\"a b\" #?%41:é.txt"
        (cls.root / "list" / "sub").mkdir(parents=True)
        (cls.root / "list" / cls.odd).write_text("odd")
        (cls.root / "list" / "out").symlink_to(cls.above / "secret.txt")
        (cls.root / "list" / "beside").symlink_to(cls.above / "site-too")
        (cls.root / "list" / "inside").symlink_to("../a.txt")
        os.mkfifo(cls.root / "fifo")
        cls.server = serving.Server("--timeout", "5", str(cls.root))
        cls.server.__enter__()
        cls.url = f"http://127.0.0.1:{cls.server.port}"

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None)
        shutil.rmtree(cls.above)
        if cls.server.errors:
            raise AssertionError(cls.server.errors)

    def curl(self, path, *arguments):
        command = ["curl", "--silent", "--show-error", "--include", "--path-as-is", "--max-time", "20", *arguments]
        done = subprocess.run([*command, self.url + path], capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return Answer(done.stdout)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=20)

    def say(self, text):
        """Gives all that comes until the server ends the connection."""
        with self.connect() as peer:
            peer.sendall(text.encode("latin-1"))
            return self.rest(peer)

    @staticmethod
    def rest(peer):
        got = b""
        while piece := peer.recv(65536):
            got += piece
        return got


class Files(Site):
    def test_a_file_comes_with_its_size_type_and_validators(self):
        answer = self.curl("/a.txt")
        self.assertEqual((answer.status, answer.body), (200, b"0123456789"))
        self.assertEqual(answer.headers["content-length"], "10")
        self.assertEqual(answer.headers["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(answer.headers["accept-ranges"], "bytes")
        modified = email.utils.parsedate_to_datetime(answer.headers["last-modified"]).timestamp()
        self.assertEqual(modified, int((self.root / "a.txt").stat().st_mtime))
        date = email.utils.parsedate_to_datetime(answer.headers["date"]).timestamp()
        self.assertLess(abs(date - time.time()), 10)
        self.assertRegex(answer.headers["etag"], r'^"[0-9a-f-]+"$')
        self.assertNotIn("connection", answer.headers)

    def test_a_big_file_comes_whole(self):
        self.assertEqual(self.curl("/big").body, (self.root / "big").read_bytes())

    def test_an_empty_file_comes_empty(self):
        answer = self.curl("/empty")
        self.assertEqual((answer.status, answer.headers["content-length"], answer.body), (200, "0", b""))
        self.assertEqual(answer.headers["content-type"], "application/octet-stream")

    def test_head_gets_the_head_alone(self):
        get = self.curl("/a.txt")
        head = self.curl("/a.txt", "--head")
        self.assertEqual((head.status, head.body), (200, b""))
        for name in get.headers.keys() - {"date"}:
            self.assertEqual(head.headers[name], get.headers[name])

    def test_a_query_is_no_part_of_the_name(self):
        self.assertEqual(self.curl("/a.txt?x=/../..").body, b"0123456789")

    def test_what_is_not_there_is_not_found(self):
        for path in ("/none", "/a.txt/", "/a.txt/none", "/page/none"):
            with self.subTest(path):
                self.assertEqual(self.curl(path).status, 404)

    def test_a_pipe_is_not_waited_for(self):
        self.assertEqual(self.curl("/fifo").status, 403)

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_what_may_not_be_read_is_forbidden(self):
        closed = self.root / "closed"
        closed.touch(mode=0)
        self.addCleanup(closed.unlink)
        self.assertEqual(self.curl("/closed").status, 403)


class Confinement(Site):
    def test_no_path_leads_out(self):
        for path in (
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/page/../../secret.txt",
            "/page/%2E%2E%2f..%2fsecret.txt",
            "/../site/a.txt",
            "/../site-too/secret.txt",
            "/%252e%252e/secret.txt",
            "/..%252fsecret.txt",
            "/..%c0%af..%c0%afsecret.txt",
            "/..\\secret.txt",
            "/page/..;/..;/secret.txt",
            "/./.././secret.txt",
            "//" + str(self.above / "secret.txt"),
        ):
            with self.subTest(path):
                answer = self.curl(path)
                self.assertEqual(answer.status, 404)
                self.assertNotIn(b"secret", answer.body)

    def test_a_link_that_leads_out_is_not_followed(self):
        for path in ("/list/out", "/list/beside", "/list/beside/", "/list/beside/secret.txt"):
            with self.subTest(path):
                self.assertEqual(self.curl(path).status, 404)

    def test_a_link_that_stays_inside_is_followed(self):
        self.assertEqual(self.curl("/list/inside").body, b"0123456789")

    def test_a_name_with_a_zero_is_refused(self):
        self.assertEqual(self.curl("/a.txt%00.html").status, 400)


class Ranges(Site):
    def test_parts_of_a_file(self):
        for wanted, first, last in (("2-4", 2, 4), ("7-", 7, 9), ("-3", 7, 9), ("-99", 0, 9), ("5-99", 5, 9), ("0-0", 0, 0)):
            with self.subTest(wanted):
                answer = self.curl("/a.txt", "--range", wanted)
                self.assertEqual((answer.status, answer.body), (206, b"0123456789"[first : last + 1]))
                self.assertEqual(answer.headers["content-range"], f"bytes {first}-{last}/10")
                self.assertEqual(answer.headers["content-length"], str(last - first + 1))

    def test_a_part_of_a_big_file(self):
        whole = (self.root / "big").read_bytes()
        self.assertEqual(self.curl("/big", "--range", "100001-300000").body, whole[100001:300001])

    def test_what_is_not_in_the_file_cannot_be_had(self):
        for path, wanted in (("/a.txt", "10-"), ("/a.txt", "99-100"), ("/a.txt", "-0"), ("/empty", "0-0")):
            with self.subTest(wanted):
                answer = self.curl(path, "--range", wanted)
                self.assertEqual(answer.status, 416)
                size = (self.root / path[1:]).stat().st_size
                self.assertEqual(answer.headers["content-range"], f"bytes */{size}")
                self.assertEqual(answer.body, b"416 Range Not Satisfiable\n")

    def test_dates_are_those_of_the_files(self):
        for seconds in (0, 951868799, 951868800, 1234567890, 2**31, 4102444799):  # around a leap day; 2099's end
            with self.subTest(seconds):
                path = self.root / "dated"
                path.touch()
                self.addCleanup(path.unlink, missing_ok=True)
                os.utime(path, (seconds, seconds))
                answer = self.curl("/dated")
                self.assertEqual(answer.headers["last-modified"], email.utils.formatdate(seconds, usegmt=True))

    def test_what_is_no_range_or_several_gets_the_file(self):
        for wanted in ("bytes=4-2", "bytes=a-b", "bytes=-", "bytes=0-1,3-4", "lines=1-2", "bytes=1--2", "bytes=99999999999999999999-"):
            with self.subTest(wanted):
                answer = self.curl("/a.txt", "--header", f"Range: {wanted}")
                self.assertEqual((answer.status, answer.body), (200, b"0123456789"))

    def test_if_range(self):
        headers = self.curl("/a.txt").headers
        for condition, status in (
            (headers["etag"], 206),
            (headers["last-modified"], 206),
            ('"other"', 200),
            ("W/" + headers["etag"], 200),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
        ):
            with self.subTest(condition):
                answer = self.curl("/a.txt", "--range", "1-2", "--header", f"If-Range: {condition}")
                self.assertEqual(answer.status, status)


class Conditions(Site):
    def test_if_none_match(self):
        etag = self.curl("/a.txt").headers["etag"]
        for tags, status in (
            (etag, 304),
            ("W/" + etag, 304),
            (f'"x", {etag}', 304),
            (f'"x",{etag},"y"', 304),
            ("*", 304),
            ('"x"', 200),
            (f'"x{etag[1:]}', 200),
        ):
            with self.subTest(tags):
                answer = self.curl("/a.txt", "--header", f"If-None-Match: {tags}")
                self.assertEqual(answer.status, status)
                self.assertEqual(answer.headers["etag"], etag)
                if status == 304:
                    self.assertEqual(answer.body, b"")
                    self.assertNotIn("content-length", answer.headers)

    def test_if_modified_since(self):
        modified = self.curl("/a.txt").headers["last-modified"]
        moment = email.utils.parsedate_to_datetime(modified)
        for date, status in (
            (modified, 304),
            ("Fri, 31 Dec 2100 23:59:59 GMT", 304),
            (moment.strftime("%A, %d-%b-%y %H:%M:%S GMT"), 304),
            (moment.strftime("%a %b %e %H:%M:%S %Y"), 304),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
            ("yesterday", 200),
        ):
            with self.subTest(date):
                self.assertEqual(self.curl("/a.txt", "--header", f"If-Modified-Since: {date}").status, status)

    def test_the_tag_counts_more_than_the_date(self):
        modified = self.curl("/a.txt").headers["last-modified"]
        answer = self.curl("/a.txt", "--header", f"If-Modified-Since: {modified}", "--header", 'If-None-Match: "x"')
        self.assertEqual(answer.status, 200)

    def test_a_changed_file_has_another_tag(self):
        changing = self.root / "changing.txt"
        self.addCleanup(changing.unlink)
        changing.write_text("one")
        before = self.curl("/changing.txt").headers["etag"]
        changing.write_text("three")
        self.assertEqual(self.curl("/changing.txt", "--header", f"If-None-Match: {before}").body, b"three")

    def test_a_304_is_followed_by_the_next_answer(self):
        etag = self.curl("/a.txt").headers["etag"]
        got = self.say(
            f"GET /a.txt HTTP/1.1\r\nHost: x\r\nIf-None-Match: {etag}\r\n\r\n"
            "GET /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        self.assertRegex(got, rb"(?s)^HTTP/1.1 304 .*?\r\n\r\nHTTP/1.1 200 .*\r\n\r\n0123456789$")


class Directories(Site):
    def test_one_without_its_slash_is_redirected(self):
        for path, location in (("/page", "/page/"), ("/list?a=1", "/list/?a=1"), ("//page", "/page/")):
            with self.subTest(path):
                answer = self.curl(path)
                self.assertEqual((answer.status, answer.headers["location"]), (301, location))
        self.assertEqual(self.curl("/page", "--location").status, 301)  # and then, of what --include shows:
        done = subprocess.run(["curl", "-sL", self.url + "/page"], capture_output=True)
        self.assertEqual(done.stdout, b"<p>page")

    def test_a_redirect_never_leads_to_another_host(self):
        (self.root / "list" / "example.org").mkdir()
        self.addCleanup((self.root / "list" / "example.org").rmdir)
        self.assertEqual(self.curl("//list//example.org").headers["location"], "/list/example.org/")

    def test_its_index_is_shown(self):
        answer = self.curl("/page/")
        self.assertEqual((answer.body, answer.headers["content-type"]), (b"<p>page", "text/html; charset=utf-8"))

    def test_its_list_escapes_names_and_its_links_lead_there(self):
        answer = self.curl("/list/")
        page = answer.body.decode()
        self.assertEqual(answer.headers["content-type"], "text/html; charset=utf-8")
        self.assertIn('<a href="sub/">sub/</a>', page)
        self.assertIn('<a href="../">', page)
        self.assertIn(">&lt;b&gt;&amp;&quot;a b&quot; #?%41:é.txt</a>", page)
        self.assertNotIn("<b>", page)
        link = "%3Cb%3E%26%22a%20b%22%20%23%3F%2541%3A%C3%A9.txt"
        self.assertIn(f'href="{link}"', page)
        self.assertEqual(self.curl("/list/" + link).body, b"odd")
        self.assertNotIn('"../"', self.curl("/").body.decode())

    def test_an_index_that_leads_out_is_not_shown(self):
        index = self.root / "list" / "sub" / "index.html"
        index.symlink_to(self.above / "secret.txt")
        self.addCleanup(index.unlink)
        self.assertNotIn(b"secret", self.curl("/list/sub/").body)


class Connections(Site):
    def test_curl_uses_one_connection_for_two_requests(self):
        report = ["--write-out", "%{num_connects}\n", "--output", "/dev/null"]
        done = subprocess.run(["curl", "-s", *report, self.url + "/a.txt", *report, self.url + "/big"], capture_output=True, text=True)
        self.assertEqual(done.stdout, "1\n0\n")

    def test_connection_close_is_heeded(self):
        answer = self.curl("/a.txt", "--header", "Connection: close")
        self.assertEqual(answer.headers["connection"], "close")
        got = self.say("GET /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(got.count(b"HTTP/1.1 200"), 1)

    def test_http_1_0_is_closed_but_where_the_client_wants_more(self):
        self.assertEqual(self.curl("/a.txt", "--http1.0").headers["connection"], "close")
        got = self.say("GET /a.txt HTTP/1.0\r\n\r\n")
        self.assertTrue(got.endswith(b"\r\n\r\n0123456789"))
        got = self.say("GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n")
        self.assertEqual((got.count(b"0123456789"), got.count(b"Connection: keep-alive\r\n")), (2, 1))

    def test_requests_in_one_piece_are_answered_in_their_order(self):
        asked = [("/a.txt", 200), ("/none", 404), ("/page/", 200), ("/big", 200)] * 5
        text = "".join(f"HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path, _ in asked)
        got = self.say(text + "GET /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        statuses = [int(line.split()[1]) for line in got.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
        self.assertEqual(statuses, [status for _, status in asked] + [200])
        self.assertTrue(got.endswith(b"0123456789"))

    def test_a_request_in_single_bytes(self):
        with self.connect() as peer:
            for byte in b"GET /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n":
                peer.sendall(bytes([byte]))
            self.assertTrue(self.rest(peer).endswith(b"\r\n\r\n0123456789"))

    def test_an_upgrade_is_not_taken_up(self):
        self.assertEqual(self.curl("/a.txt", "--http2").status, 200)

    def test_who_leaves_in_the_middle_hurts_nobody(self):
        for text in ("GET /a", "GET /big HTTP/1.1\r\nHost: x\r\n\r\n"):
            with self.connect() as peer:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                peer.sendall(text.encode())
        self.assertEqual(self.curl("/a.txt").status, 200)


class Refusals(Site):
    def test_other_methods_are_told_which_there_are(self):
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "CONNECT"):
            with self.subTest(method):
                got = Answer(self.say(f"{method} {'x:1' if method == 'CONNECT' else '/'} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                self.assertEqual((got.status, got.headers["allow"]), (405, "GET, HEAD"))

    def test_a_body_that_nobody_wants_does_not_lose_the_answer(self):
        upload = "@" + str(self.root / "big")
        self.assertEqual(self.curl("/", "--header", "Expect:", "--data-binary", upload).status, 405)
        self.assertEqual(self.curl("/", "--data-binary", upload).status, 405)

    def test_what_is_no_request_is_refused_and_the_connection_ends(self):
        for text in (
            "NONSENSE\r\n\r\n",
            "GET\r\n\r\n",
            "GET /a.txt HTTP/x\r\n\r\n",
            "\x16\x03\x01\x02\x00\x01",
            "GET /a.txt HTTP/1.1\r\n\r\n",  # no Host
            "GET /a.txt HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
            "GET /a.txt HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
            "GET /a.txt HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\n",
            "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET a.txt HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nX\x00: y\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
        ):
            with self.subTest(text):
                with self.connect() as peer:
                    peer.sendall(text.encode("latin-1"))
                    peer.shutdown(socket.SHUT_WR)
                    got = Answer(self.rest(peer))
                self.assertEqual((got.status, got.headers["connection"]), (400, "close"))

    def test_what_is_in_a_body_is_no_request(self):
        """Whatever the shape: a request that one of two readers sees in it must not be answered."""
        within = "GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n"
        chunk = f"{len(within):x}\r\n{within}\r\n0\r\n\r\n"
        for headers, body in (
            (f"Content-Length: {len(within)}", within),
            ("Transfer-Encoding: chunked", chunk),
            ("Transfer-Encoding: Chunked", chunk),
            ("Transfer-Encoding: identity, chunked", chunk),
            ("Transfer-Encoding: xchunked", chunk),
            ("Transfer-Encoding: chunked, identity", chunk),
            ("Transfer-Encoding:\tchunked", chunk),
            ("Transfer-Encoding: \x0bchunked", chunk),
            ("X: y\r\n Transfer-Encoding: chunked", chunk),
            (f"Content-Length: {len(within)}\r\nTransfer-Encoding: xchunked", within),
            (f"Content-Length: 0\r\nContent-Length: {len(within)}", within),
        ):
            with self.subTest(headers):
                got = self.say(f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n\r\n{body}")
                self.assertNotIn(b"0123456789", got)
                self.assertEqual(got.count(b"HTTP/1.1"), 1)

    def test_another_version_is_refused(self):
        self.assertEqual(Answer(self.say("GET / HTTP/2.0\r\nHost: x\r\nConnection: close\r\n\r\n")).status, 505)

    def test_a_head_that_is_too_long_is_refused(self):
        for text in (f"GET / HTTP/1.1\r\nHost: x\r\nX: {'x' * 100_000}", f"GET /{'x' * 100_000}", "GET / HTTP/1.1\r\n" + "A: b\r\n" * 20_000):
            with self.subTest(text[:30]):
                got = Answer(self.say(text))
                self.assertEqual((got.status, got.headers["connection"]), (431, "close"))


class Times(Site):
    def test_who_takes_too_long_is_told(self):
        with serving.Server("--timeout", "0.2", str(self.root)) as server:
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as peer:
                peer.sendall(b"GET /a.txt HT")
                got = Answer(self.rest(peer))
        self.assertEqual((got.status, got.headers["connection"]), (408, "close"))
        self.assertEqual(server.errors, "")

    def test_who_drips_is_told_as_soon(self):
        """A byte now and then does not prolong the time that a request may take."""
        with serving.Server("--timeout", "0.3", str(self.root)) as server:
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as peer:
                began = time.monotonic()
                try:
                    for byte in b"GET /a.txt HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 200:
                        peer.sendall(bytes([byte]))
                        if select.select([peer], [], [], 0.05)[0]:
                            break
                    got = Answer(self.rest(peer))
                except ConnectionError:
                    self.fail("reset before the answer could be read")
                took = time.monotonic() - began
        self.assertEqual((got.status, got.headers["connection"]), (408, "close"))
        self.assertLess(took, 8)
        self.assertEqual(server.errors, "")

    def test_more_than_may_be_served_wait_their_turn(self):
        with serving.Server("--connections", "2", "--timeout", "10", str(self.root)) as server:
            reach = lambda: socket.create_connection(("127.0.0.1", server.port), timeout=20)
            with reach() as first, reach() as second, reach() as third:
                ask = b"GET /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                # Both are being served once they have had an answer.
                for each in (first, second):
                    each.sendall(ask.replace(b"Connection: close\r\n", b""))
                    self.assertIn(b"200", each.recv(65536))
                third.sendall(ask)
                self.assertEqual(select.select([third], [], [], 0.2)[0], [])
                first.close()
                self.assertIn(b"0123456789", self.rest(third))
        self.assertEqual(server.errors, "")

    def test_who_says_nothing_is_let_go(self):
        with serving.Server("--timeout", "0.2", str(self.root)) as server:
            for text in (b"", b"HEAD /a.txt HTTP/1.1\r\nHost: x\r\n\r\n"):
                with socket.create_connection(("127.0.0.1", server.port), timeout=20) as peer:
                    peer.sendall(text)
                    self.assertEqual(self.rest(peer).count(b"HTTP"), 1 if text else 0)
        self.assertEqual(server.errors, "")

    def test_who_does_not_read_is_let_go(self):
        with (self.root / "huge").open("wb") as huge:
            huge.truncate(1 << 30)
        self.addCleanup((self.root / "huge").unlink)
        with serving.Server("--timeout", "0.2", str(self.root)) as server:
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as peer:
                peer.sendall(b"GET /huge HTTP/1.1\r\nHost: x\r\n\r\n")
                # It ends the connection with bytes unsent; what both sides have buffered can still be read.
                time.sleep(0.6)
                size = 0
                while piece := peer.recv(1 << 20):
                    size += len(piece)
        self.assertLess(size, 1 << 30)
        self.assertEqual(server.errors, "")

    def test_ctrl_c_lets_who_is_being_answered_have_it_all(self):
        server = serving.Server(str(self.root))
        server.__enter__()
        idle = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        busy = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        busy.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        got = busy.recv(1000)
        server.process.send_signal(2)
        self.assertEqual(idle.recv(100), b"")
        got += self.rest(busy)
        self.assertEqual(Answer(got).body, (self.root / "big").read_bytes())
        idle.close()
        busy.close()
        self.assertEqual(server.process.wait(20), serving.INTERRUPTED)
        self.assertEqual(server.process.communicate()[1], "")


class CommandLine(Site):
    def run_with(self, *arguments):
        done = subprocess.run([serving.program, *arguments], capture_output=True, text=True, timeout=20)
        return done.returncode, done.stderr

    def test_what_is_no_directory_is_a_clear_error(self):
        nowhere = str(self.above / "nowhere")
        self.assertEqual(self.run_with(nowhere), (2, f"http_server: {nowhere}: No such file or directory\n"))
        file = str(self.root / "a.txt")
        self.assertEqual(self.run_with(file), (2, f"http_server: {file}: Not a directory\n"))

    def test_a_port_that_is_taken_is_a_clear_error(self):
        where = f"127.0.0.1:{self.server.port}"
        got = self.run_with("--port", str(self.server.port), str(self.root))
        self.assertEqual(got, (1, f"http_server: listen on {where}: Address already in use\n"))


if __name__ == "__main__":
    serving.main("/", clients=["curl"])
