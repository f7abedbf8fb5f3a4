#!/usr/bin/env python3
"""The timeline's page in a headless Chromium: what is drawn where, zoom, search, keys, themes, and many events.

usage: page_test.py TIMELINE_PAGES [unittest's arguments]
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from browser import Browser

SKIPPED = 77
WRITER = ""


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        subprocess.run([WRITER, cls.directory.name], check=True)
        cls.addClassCleanup(cls.directory.cleanup)
        cls.browser = Browser().__enter__()
        cls.addClassCleanup(cls.browser.__exit__)

    def open(self, name, **window):
        self.browser.open(pathlib.Path(self.directory.name) / f"{name}.html", **window)

    def ask(self, expression):
        return self.browser.ask(expression)

    def tearDown(self):
        self.assertEqual(self.browser.told("Runtime.exceptionThrown"), [])
        said = [entry["entry"] for entry in self.browser.told("Log.entryAdded")]
        self.assertEqual([entry["text"] for entry in said if entry["level"] == "error"], [])
        asked = [request["request"]["url"] for request in self.browser.told("Network.requestWillBeSent")]
        self.assertEqual([url for url in asked if not url.startswith("file://")], [])
        self.assertEqual(len(asked), 1)

    # A colour of the style, and that of a pixel.
    def colour(self, name):
        return self.ask(
            f"(() => {{ const c = document.createElement('canvas').getContext('2d'); c.fillStyle = view.colour['{name}'];"
            " c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3); })()"
        )

    def pixel(self, row, milliseconds):
        """In the middle of a row, at a time."""
        return self.ask(
            f"[...view.context.getImageData(Math.round(view.x({milliseconds * 1000})), {self.y(row)}, 1, 1).data].slice(0, 3)"
        )

    def y(self, row):
        return self.ask(f"view.places.get(view.model.rows[{row}]).top - view.scroll.scrollTop + RULER + ROW / 2")

    def at(self, row, milliseconds):
        """The place of it in the window."""
        top = self.ask("document.getElementById('canvas').getBoundingClientRect().top")
        return self.ask(f"view.x({milliseconds * 1000})"), top + self.y(row)

    def tip(self):
        return self.ask("document.getElementById('tip').hidden ? null : document.getElementById('tip').innerText")

    def shown(self):
        return self.ask("[view.begin, view.end]")

    # What is drawn

    def test_groups_and_rows_are_shown_from_top_to_bottom_in_their_order(self):
        self.open("groups")
        shown = self.ask("view.items.map(i => i.group ? i.group.name : i.row.name)")
        expected = ["busy loop", "coro1", "event loop", "loop", "Task-1 main()", "Task-2 fetch(int)", '</script><b>"Ünïcode"</b>']
        self.assertEqual(shown, expected)
        tops = self.ask("view.items.map(i => i.top)")
        self.assertEqual(tops, sorted(tops))
        self.assertEqual(self.ask("document.title"), "Two <groups>")
        self.assertIn("7 events more", self.ask("document.getElementById('note').innerText"))

    def test_a_part_is_drawn_in_its_row_at_its_time_in_its_colour(self):
        self.open("groups")
        runs, waits, ready, back = (self.colour(name) for name in ("runs", "waits", "ready", "back"))
        self.assertEqual(len({tuple(c) for c in (runs, waits, ready, back)}), 4)
        for row, milliseconds, expected in (
            (0, 5.2, runs), (2, 0.5, runs), (2, 6.2, waits), (3, 1.5, runs), (3, 6.3, waits), (3, 0.5, back), (3, 9.5, back), (4, 2.5, ready),
            (4, 3.5, runs),
        ):  # fmt: skip
            with self.subTest(row=row, milliseconds=milliseconds):
                self.assertEqual(self.pixel(row, milliseconds), expected)

    def test_what_was_not_recorded_is_said(self):
        self.open("empty")
        self.assertEqual(self.ask("document.getElementById('note').innerText"), "Nothing was recorded.")

    # Hovering

    def test_hovering_tells_what_a_task_waits_for_and_the_chain_of_awaits(self):
        self.open("groups")
        self.browser.mouse("mouseMoved", *self.at(3, 5.1))
        lines = [line for line in self.tip().split("\n") if line]
        self.assertEqual(lines[:3], ["Task-2 fetch(int): waits for sleep", "6 ms, from 2 ms to 8 ms", "woken by its timer"])
        self.assertEqual(lines[3:], ["read(int)", "fetch.cpp:12", "fetch(int)", "fetch.cpp:20", "awaited by Task-1 main()", "main()", "main.cpp:30"])
        self.browser.mouse("mouseMoved", *self.at(3, 9.5))
        self.assertIsNone(self.tip())

    def test_a_name_is_text_whatever_is_in_it(self):
        self.open("groups")
        self.browser.mouse("mouseMoved", *self.at(4, 3.5))
        self.assertIn('</script><b>"Ünïcode"</b>: runs', self.tip())
        self.assertEqual(self.ask("document.querySelectorAll('#tip b').length"), 0)
        self.assertIn("cancelled", self.tip())

    # Zooming

    def test_the_wheel_zooms_about_the_pointer(self):
        self.open("groups")
        x, y = self.at(3, 5)
        before = self.shown()
        self.browser.mouse("mouseWheel", x, y, deltaX=0, deltaY=-200, modifiers=2)
        self.browser.settle()
        after = self.shown()
        self.assertLess(after[1] - after[0], 0.5 * (before[1] - before[0]))
        self.assertAlmostEqual(self.ask("view.x(5000)"), x, delta=1)

    def test_keys_and_buttons_zoom_and_move_within_what_was_recorded(self):
        self.open("groups")
        self.browser.key("+")
        self.assertAlmostEqual(self.shown()[1] - self.shown()[0], 10000 / 1.6, delta=1)
        self.browser.key("ArrowRight")
        self.assertGreater(self.shown()[0], 1900)
        for _ in range(9):
            self.browser.key("ArrowRight")
        self.assertAlmostEqual(self.shown()[1], 10000, delta=1e-6)
        self.browser.key("0")
        self.assertEqual(self.shown(), [0, 10000])
        self.ask("document.getElementById('in').click()")
        self.assertAlmostEqual(self.shown()[1] - self.shown()[0], 10000 / 1.6, delta=1)
        self.ask("document.getElementById('fit').click()")
        self.ask("document.getElementById('out').click()")
        self.assertEqual(self.shown(), [0, 10000])

    def test_a_part_of_the_ruler_that_is_marked_fills_the_window(self):
        self.open("groups")
        top = self.ask("document.getElementById('canvas').getBoundingClientRect().top") + 10
        begin, end = self.ask("view.x(2000)"), self.ask("view.x(4000)")
        self.browser.mouse("mousePressed", begin, top, button="left", clickCount=1)
        self.browser.mouse("mouseMoved", (begin + end) / 2, top, button="left", buttons=1)
        self.browser.mouse("mouseMoved", end, top, button="left", buttons=1)
        self.browser.mouse("mouseReleased", end, top, button="left", clickCount=1)
        self.assertAlmostEqual(self.shown()[0], 2000, delta=20)
        self.assertAlmostEqual(self.shown()[1], 4000, delta=20)

    def test_zooming_in_ends_before_numbers_do(self):
        self.open("groups")
        for _ in range(60):
            self.browser.ask("view.zoom(1 / 1.6)")
        self.browser.settle()
        begin, end = self.shown()
        self.assertGreater(end - begin, 0.009)
        ticks = self.ask("view.ticks().found.length")
        self.assertTrue(0 < ticks < 50, ticks)

    # Choosing

    def test_a_click_chooses_a_part_and_the_arrows_go_on_from_there(self):
        self.open("groups")
        self.browser.click(*self.at(2, 5))
        self.assertIn("Task-1 main(): waits for Task-2 fetch(int)", self.tip())
        self.browser.key("ArrowRight")
        self.assertIn("Task-1 main(): runs", self.tip())
        self.assertIn("the task returned", self.tip())
        self.browser.key("ArrowLeft")
        self.browser.key("ArrowDown")
        self.assertIn("Task-2 fetch(int): runs", self.tip())
        self.assertEqual(self.ask("document.getElementById('told').textContent.slice(0, 6)"), "Task-2")
        self.browser.key("Escape")
        self.assertIsNone(self.tip())

    # Search

    def test_search_leaves_the_rows_that_match_and_enter_goes_from_one_to_the_next(self):
        self.open("groups")
        self.browser.key("/")
        self.browser.type("fetch.CPP")
        self.assertEqual(self.ask("view.items.map(i => i.group ? '-' : i.row.name)"), ["-", "Task-2 fetch(int)"])
        self.assertEqual(self.ask("document.getElementById('found').textContent"), "1")
        self.browser.key("Enter")
        self.assertIn("waits for sleep", self.tip())
        self.assertEqual(self.ask("document.getElementById('found').textContent"), "1/1")
        self.browser.key("Escape")
        self.assertEqual(self.ask("view.places.size"), 5)

    def test_a_search_for_what_is_not_there_says_so(self):
        self.open("groups")
        self.browser.key("/")
        self.browser.type("nobody")
        self.assertEqual(self.ask("[view.places.size, document.getElementById('found').textContent]"), [0, "nothing"])

    # Light and dark, wide and narrow

    def test_light_and_dark_follow_the_system_until_somebody_chooses(self):
        self.open("groups", dark=True)
        back = "getComputedStyle(document.body).backgroundColor"
        dark = self.ask(back)
        self.browser.prefer(dark=False)
        self.browser.settle()
        light = self.ask(back)
        self.assertNotEqual(light, dark)
        self.browser.key("t")
        self.assertEqual(self.ask(back), dark)
        self.assertEqual(self.pixel(3, 0.5), self.colour("back"))
        self.browser.prefer(dark=True)
        self.browser.prefer(dark=False)
        self.assertEqual(self.ask(back), dark)
        self.ask("localStorage.clear()")

    def test_nothing_stands_out_of_a_narrow_window(self):
        self.open("groups", width=400, height=500)
        self.assertEqual(self.ask("document.documentElement.scrollWidth"), 400)
        right = self.ask("Math.max(...[...document.querySelectorAll('header *')].map(e => e.getBoundingClientRect().right))")
        self.assertLessEqual(right, 400)
        self.assertGreater(self.ask("view.plot"), 250)
        self.browser.mouse("mouseMoved", *self.at(3, 5.1))
        box = json.loads(self.ask("JSON.stringify(document.getElementById('tip').getBoundingClientRect())"))
        self.assertTrue(0 <= box["left"] and box["right"] <= 400 and box["bottom"] <= 500, box)

    # Many

    def test_of_100000_events_no_more_is_drawn_than_there_are_pixels(self):
        self.open("many")
        self.assertEqual(self.ask("view.model.parts"), 100_000)
        self.assertEqual(self.ask("view.places.size"), 1000)
        rows = self.ask("view.drawn.rows")
        self.assertTrue(10 < rows < 30, rows)
        self.assertLess(self.ask("view.drawn.looks"), rows * 1000)
        # All of one task in a pixel or two.
        self.ask("view.model.end *= 1000, view.fit()")
        self.browser.settle()
        self.assertLess(self.ask("view.drawn.looks"), rows * 5)

    def test_100000_events_can_be_scrolled_searched_and_zoomed(self):
        self.open("many")
        self.ask("view.scroll.scrollTop = 1e6")
        self.browser.settle()
        self.assertEqual(self.ask("view.itemAt(view.high - 30)?.row?.name"), "Task-1000")
        self.browser.key("/")
        self.browser.type("task-999")
        self.assertEqual(self.ask("[...view.places.keys()].map(r => r.name)"), ["Task-999"])
        self.browser.key("Enter")
        self.assertIn("Task-999: runs", self.tip())
        self.browser.key("Escape")
        self.assertEqual(self.ask("view.places.size"), 1000)
        self.browser.key("+")
        self.assertEqual(self.pixel(0, self.ask("Math.floor((view.begin + view.end) / 2000) + 0.5")), self.colour("waits"))


if __name__ == "__main__":
    if not shutil.which("chromium"):
        print("skipped: Chromium is not installed")
        sys.exit(SKIPPED)
    WRITER = sys.argv.pop(1)
    unittest.main()
