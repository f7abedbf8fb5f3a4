"""http_server under load, with wrk as its client."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import serving


class Load(unittest.TestCase):
    def test_wrk_sees_no_error(self):
        with tempfile.TemporaryDirectory() as root:
            pathlib.Path(root, "small").write_bytes(b"x" * 1000)
            pathlib.Path(root, "large").write_bytes(b"x" * 300_000)
            with serving.Server(root) as server:
                runs = {}
                for name in ("small", "large"):
                    command = ["wrk", "--threads", "1", "--connections", "50", "--duration", "1s"]
                    command.append(f"http://127.0.0.1:{server.port}/{name}")
                    runs[name] = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                for name, run in runs.items():
                    said = run.communicate(timeout=60)[0]
                    with self.subTest(name):
                        self.assertEqual(run.returncode, 0, said)
                        self.assertNotIn("Non-2xx", said)
                        self.assertNotIn("Socket errors", said)
                        requests = re.search(r"(\d+) requests in", said)
                        self.assertGreater(int(requests[1]), 0, said)
        self.assertEqual(server.errors, "")


if __name__ == "__main__":
    serving.main("/", clients=["wrk"])
