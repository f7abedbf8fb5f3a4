#!/usr/bin/env python3
"""Feeds what reads bytes of strangers with bytes of all kinds, by libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer:
streams (read_until, readline), addresses, traces, the HTTP of the examples, URLs.

usage: run.py [--seconds 600] [--jobs 1] [TARGET …]

Builds the preset `fuzz`. What libFuzzer finds worth keeping stays in build/fuzz/corpus, and is where the next run begins. An input
that ends a target badly is kept in build/fuzz/found: reduce it (`build/fuzz/tests/fuzz/fuzz_<target> -minimize_crash=1 …`), mend
what is wrong, and add it to tests/fuzz/corpus/<target>/, which all builds test. Ends with 1 if there was one.
"""

import argparse
import concurrent.futures
import json
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TARGETS = sorted(each.name for each in (ROOT / "tests/fuzz/corpus").iterdir())
BUILD = ROOT / "build/fuzz"


def fuzz(target, seconds):
    kept, found = BUILD / "corpus" / target, BUILD / "found"
    for each in (kept, found):
        each.mkdir(parents=True, exist_ok=True)
    command = [BUILD / f"tests/fuzz/fuzz_{target}", kept, ROOT / "tests/fuzz/corpus" / target, f"-max_total_time={seconds}", "-timeout=20",
               "-rss_limit_mb=2048", "-max_len=4096", f"-artifact_prefix={found}/{target}-", "-print_final_stats=1", "-verbosity=1"]
    began = time.monotonic()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, errors="replace")
    count = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    result = {
        "method": f"fuzzing: {target}",
        "injected": int(count[1]) if count else 0,
        "unit": "inputs",
        "open": int(done.returncode != 0),
        "seconds": round(time.monotonic() - began),
        "covered": int(covered[-1]) if covered else 0,
    }
    print(f"{target}: {result['injected']} inputs, {result['covered']} branches seen; {'FOUND' if done.returncode else 'nothing found'}", flush=True)
    if done.returncode:
        print("\n".join(done.stderr.splitlines()[-60:]), file=sys.stderr)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=600, help="of each target")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    targets = options.targets or TARGETS
    for each in targets:
        if each not in TARGETS:
            parser.error(f"there is no target {each!r}; there are: {', '.join(TARGETS)}")
    subprocess.run([ROOT / "scripts/build", "fuzz", *(f"fuzz_{each}" for each in targets)], check=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda each: fuzz(each, options.seconds), targets))
    report = ROOT / "build/robustness/fuzzing.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(results, indent=1) + "\n")
    return 1 if any(each["open"] for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
