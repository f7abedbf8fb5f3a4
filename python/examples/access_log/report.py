"""What the sessions of an access log come to: the caller of the pipeline.

usage: report.py LOG
"""

import sys

import pipeline


def report(path):
    count = longest = requests = size = failed = 0
    for session in pipeline.sessions(path, gap=1800):
        count += 1
        requests += session.requests
        size += session.bytes
        failed += session.errors > 0
        longest = max(longest, session.end - session.start)
    return f"{count} sessions, {requests} requests, {size} bytes, the longest {longest:.3f} s, {failed} with errors"


if __name__ == "__main__":
    print(report(sys.argv[1]))
