"""Who was on the site, and for how long: a pipeline of generators over a proxy's access log (Squid's format).

A line is `time elapsed client code/status bytes method URL user peer type`.
"""

from dataclasses import dataclass


@dataclass
class Session:
    client: str
    start: float
    end: float
    requests: int
    bytes: int
    errors: int


def requests(path):
    """(time, client, status, bytes) of each line; what is none is passed over."""
    with open(path) as log:
        for line in log:
            fields = line.split()
            if len(fields) < 10:
                continue
            try:
                yield float(fields[0]), fields[2], int(fields[3].partition("/")[2]), int(fields[4])
            except ValueError:
                continue


def successful_or_failed(entries):
    """Without what says nothing of the user: refused, or redirected."""
    for entry in entries:
        if entry[2] not in (301, 302, 304, 407):
            yield entry


def sessions(path, gap):
    """A client's requests with no more than `gap` seconds between them."""
    open_sessions = {}
    for time, client, status, size in successful_or_failed(requests(path)):
        session = open_sessions.get(client)
        if session is not None and time - session.end > gap:
            yield session
            session = None
        if session is None:
            session = open_sessions[client] = Session(client, time, time, 0, 0, 0)
        session.end = time
        session.requests += 1
        session.bytes += size
        session.errors += status >= 400
    yield from sorted(open_sessions.values(), key=lambda session: (session.start, session.client))
