"""Runs report.py as it is, and with its line `import pipeline` changed to `import fast_pipeline as pipeline`.

usage: measure.py [--lines N] [--rounds N]        (fast_pipeline has to be on PYTHONPATH)
"""

import argparse
import random
import statistics
import tempfile
import time
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent


def write_log(path, lines):
    chosen = random.Random(1)
    now = 1_700_000_000.0
    clients = [f"10.{n // 256}.{n % 256}.7" for n in range(200)]
    with open(path, "w") as log:
        for n in range(lines):
            now += chosen.random() * 2
            status = chosen.choice((200, 200, 200, 200, 304, 302, 404, 500))
            log.write(
                f"{now:.3f} {chosen.randrange(900)} {chosen.choice(clients)} TCP_MISS/{status} {chosen.randrange(90000)} "
                f"GET http://example.org/page/{n % 997}.html - DIRECT/93.184.216.34 text/html\n"
            )


def caller(source):
    module = types.ModuleType("report")
    exec(compile(source, str(HERE / "report.py"), "exec"), module.__dict__)
    return module.report


def timed(report, log):
    began = time.perf_counter()
    text = report(log)
    return time.perf_counter() - began, text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    source = (HERE / "report.py").read_text()
    assert source.count("import pipeline\n") == 1
    python, cpp = caller(source), caller(source.replace("import pipeline\n", "import fast_pipeline as pipeline\n"))
    with tempfile.TemporaryDirectory() as directory:
        log = f"{directory}/access.log"
        write_log(log, arguments.lines)
        ratios = []
        for _ in range(arguments.rounds):
            (slow, expected), (fast, got) = timed(python, log), timed(cpp, log)
            if got != expected:
                raise SystemExit(f"Python: {expected}\nC++:    {got}")
            ratios.append(slow / fast)
            print(f"Python {slow:.3f} s, C++ {fast:.3f} s: {slow / fast:.1f} times as fast")
    print(f"{expected}\nmedian: {statistics.median(ratios):.1f} times as fast")


if __name__ == "__main__":
    main()
