"""fetch over TLS, with Python's http.server as the other side, and a certificate that nobody knows."""

import contextlib
import pathlib
import ssl
import subprocess
import tempfile
import unittest

import fetch_test


class Trust(fetch_test.Fetch):
    @classmethod
    def setUpClass(cls):
        scope = contextlib.ExitStack()
        cls.addClassCleanup(scope.close)
        there = pathlib.Path(scope.enter_context(tempfile.TemporaryDirectory()))
        cls.certificate = str(there / "localhost.pem")
        key = str(there / "key.pem")
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cls.certificate]
        subprocess.run(command, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cls.certificate, key)
        cls.port = scope.enter_context(fetch_test.python_server(context))
        cls.secure = f"https://localhost:{cls.port}"

    def test_who_is_trusted_is_asked(self):
        done = self.fetch(self.secure + "/chunked", self.secure + "/moved", "--ca", self.certificate, "--output", str(self.directory))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.saved(), {"chunked": b"c" * 70_011, "moved": b"sized " * 100_000})

    def test_who_is_not_trusted_is_not_asked(self):
        why = f"TLS handshake with localhost:{self.port}: certificate verify failed: self-signed certificate"
        self.fails(why, url=self.secure + "/")

    def test_a_certificate_of_somebody_else_is_not_trusted(self):
        done = self.fetch(f"https://127.0.0.1:{self.port}/", "--ca", self.certificate)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"TLS handshake with 127.0.0.1:{self.port}: certificate verify failed: ", done.stderr)
        self.assertIn("mismatch", done.stderr)

    def test_one_that_speaks_no_tls(self):
        done = self.fetch(self.url.replace("http:", "https:"), "--ca", self.certificate)
        self.assertEqual(done.returncode, 1)
        self.assertIn("wrong version number", done.stderr)

    def test_a_body_that_is_cut_off_is_not_taken_for_whole(self):
        # Whoever stands between can end the connection, but not say so in the name of the server.
        why = f"read from 127.0.0.1:{self.port}: EOF occurred in violation of protocol"
        for name in ("until.close", "short"):
            with self.subTest(name):
                self.fails(why, "--ca", self.certificate, url=f"{self.secure}/{name}")

    def test_no_redirect_leads_out_of_it(self):
        self.fails("redirected from https to http://example.org/", "--ca", self.certificate, url=self.secure + "/to.http")

    def test_a_file_of_no_certificates_is_a_clear_error(self):
        done = self.fetch(self.secure, "--ca", __file__)
        self.assertEqual(done.returncode, 1)
        self.assertIn(__file__, done.stderr)


if __name__ == "__main__":
    fetch_test.main(clients=["openssl"])
