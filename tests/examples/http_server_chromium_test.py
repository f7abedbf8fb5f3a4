"""http_server, with a browser as its client: a page, and what it needs."""

import pathlib
import subprocess
import tempfile
import unittest

import serving

PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><link rel="stylesheet" href="style.css"></head>
<body><p id="seen">nothing</p><img id="image" src="image.svg"><script src="script.js"></script></body></html>
"""
STYLE = "#seen { width: 123px }"
IMAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="5"><rect width="7" height="5"/></svg>'
SCRIPT = """
window.addEventListener("load", async () => {
    const seen = document.getElementById("seen");
    const data = await (await fetch("data/part.json")).json();
    seen.textContent = ["css", seen.offsetWidth, "image", document.getElementById("image").naturalWidth, "json", data.value].join(" ");
});
"""


class Browser(unittest.TestCase):
    def test_a_page_gets_its_style_script_image_and_data(self):
        with tempfile.TemporaryDirectory() as root, tempfile.TemporaryDirectory() as profile:
            site = pathlib.Path(root)
            (site / "data").mkdir()
            (site / "index.html").write_text(PAGE)
            (site / "style.css").write_text(STYLE)
            (site / "script.js").write_text(SCRIPT)
            (site / "image.svg").write_text(IMAGE)
            (site / "data" / "part.json").write_text('{"value": 42}')
            with serving.Server(root) as server:
                command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}"]
                command += ["--virtual-time-budget=500", "--dump-dom", f"http://127.0.0.1:{server.port}/"]
                done = subprocess.run(command, capture_output=True, text=True, timeout=90)
        self.assertIn('<p id="seen">css 123 image 7 json 42</p>', done.stdout, done.stderr)
        self.assertEqual(server.errors, "")


if __name__ == "__main__":
    serving.main("/", clients=["chromium"])
