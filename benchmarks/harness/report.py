"""The Markdown of what was measured."""

from . import results
from .workloads import COMPILERS, CPYTHON, FERMATA, LIMITS, PEERS, UVLOOP, WORKLOADS


def number(value):
    if value is None:
        return "–"
    if value >= 1e6:
        return f"{value / 1e6:.3g}M"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def times(value):
    return "–" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 10 else f"{value:.2f}"


def table(header, rows):
    """A table, numbers to the right: every column but the first and those whose header ends with a blank."""
    marks = [":--" if i == 0 or name.endswith(" ") else "--:" for i, name in enumerate(header)]
    lines = ["| " + " | ".join(name.strip() for name in header) + " |", "| " + " | ".join(marks) + " |"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def title(workload, size):
    return " ".join(f"{size:,}" if word == "N" else word for word in workload.title.split(" "))


def peer(found, name, workload, size, installed):
    if name not in workload.peers or not found:
        return ""
    if not installed.get(name):
        return "not installed"
    if name in (CPYTHON, UVLOOP) and size > workload.up_to:
        return ""
    if "failed" in found.get(name, {}):
        return "failed"
    return number(results.cost(found, name))


def row(workload, sizes, size, peers, installed):
    found = sizes.get(str(size), {})
    cells = [title(workload, size)]
    for limit, own in zip(LIMITS, FERMATA):
        cells += [number(results.cost(found, limit)) if workload.limit else "", number(results.cost(found, own))]
        cells.append(times(results.ratio(found, own, limit)) if workload.limit else "")
    cells += [peer(found, name, workload, size, installed) for name in peers]
    best = results.best_peer(found, workload.peers)
    own = results.cost(found, FERMATA[0])
    cells.append(f"{times(best[1] / own)} ({best[0]})" if best and own else "")
    goal = str(workload.goal) if workload.goal else ""
    return cells + [goal, results.verdict(workload, sizes, size) if found else ""]


def costs(workloads, measured, installed):
    peers = [name for name in PEERS if any(name in workload.peers for workload in workloads)]
    header = ["", "limit, g++", "fermata, g++", "×", "limit, clang", "fermata, clang", "×", *peers, "best peer × ", "goal ", " "]
    rows = []
    for workload in workloads:
        sizes = measured.get(workload.name)
        for size in workload.rows if sizes else ():
            if str(size) in sizes:
                rows.append(row(workload, sizes, size, peers, installed))
    return table(header, rows)


def other_limits(workloads, measured):
    lines = []
    for workload in workloads:
        for name, _ in workload.other_limits:
            for size in workload.rows:
                found = measured.get(workload.name, {}).get(str(size), {})
                if (value := results.cost(found, name)) is not None:
                    lines.append(f"{title(workload, size)}, {name}: {number(value)} ns")
    return "; ".join(lines)


def bytes_table(workloads, measured, installed):
    names = [LIMITS[0], FERMATA[0], *PEERS]
    rows = []
    for workload in workloads:
        sizes = measured.get(workload.name, {})
        by_name = {name: results.costs_by_size(sizes, name, "bytes") for name in names} if workload.memory else {}
        for size in by_name.get(FERMATA[0], ()):
            values = [number(by_name[name][size]) if size in by_name[name] else "" for name in names]
            rows.append([title(workload, size), *values])
    used = [i for i in range(len(names)) if any(row[i + 1] for row in rows)]
    return table(["", *(names[i] for i in used)], [[row[0], *(row[i + 1] for i in used)] for row in rows])


def counts_table(workloads, counts):
    rows = []
    for workload in workloads:
        for size, found in counts.get(workload.name, {}).items():
            cells = [title(workload, int(size))]
            for limit, own in zip(LIMITS, FERMATA):
                difference = f"{found[own] - found[limit]:+,.0f}" if own in found and limit in found else ""
                cells += [number(found[limit]) if limit in found else "", number(found.get(own)), difference]
            rows.append(cells)
    return table(["", "limit, g++", "fermata, g++", "±", "limit, clang", "fermata, clang", "±"], rows)


def growth_table(workloads, measured):
    rows = []
    for workload in workloads:
        sizes = measured.get(workload.name, {})
        for key, unit in (("ns", "ns"), ("bytes", "bytes")):
            if len(sizes) < 2 or (key == "bytes" and not workload.memory):
                continue
            own = results.costs_by_size(sizes, FERMATA[0], key)
            limit = results.costs_by_size(sizes, LIMITS[0], key) if workload.limit else {}
            found, of_limit = results.exponent(own), results.exponent(limit)
            if workload.goal and workload.goal.of == "first":
                of_limit, found_text, word = None, "", "per unit: see its goal"
            elif found is None:
                continue
            else:
                found_text = f"{found:.2f}"
                word = "linear or better" if results.is_linear(found, of_limit) else "**steeper**"
            series = " · ".join(f"{size:,}: {number(value)}" for size, value in own.items())
            rows.append([workload.title, unit, series, found_text, "" if of_limit is None else f"{of_limit:.2f}", word])
    return table([" ", "a unit ", "fermata, g++, by size ", "exponent", "of the limit", " "], rows)


def echo_table(echo):
    if isinstance(echo, str):
        return echo
    header = ["server", "connections", "bytes", "requests/s", "CPU µs a request", "× the loop by hand"]
    rows = []
    for each in echo:
        of_hand = each.get("ratio")
        cells = [each["server"], f"{each['connections']:,}", f"{each['size']:,}", number(each["requests_per_second"])]
        rows.append([*cells, f"{each['cpu_us']:.2f}", "" if of_hand is None else f"{of_hand:.2f}"])
    return table(header, rows)


def who(versions):
    lines = [f"- {name}: {version or '**not installed**'}" for name, version in versions.items()]
    return "\n".join(lines)


def write(data, plots):
    """The page. data: what benchmarks/run has written; plots: the names of the files that were drawn, or why there are none."""
    measured, installed, machine = data["measured"], data["versions"], data["machine"]
    groups = {name: [each for each in WORKLOADS if each.group == name] for name in ("generators", "loop")}

    def plot(name):
        return f"![{name}]({name}.svg)\n" if f"{name}.svg" in plots else f"({name}.svg: {plots})\n" if isinstance(plots, str) else ""

    missing = [compiler for compiler in COMPILERS if not installed.get(compiler)]
    parts = [
        "# Benchmarks",
        "Made by `make bench` (`benchmarks/run`); not edited by hand. Each workload is run by fermata, by its peers and by what one "
        "would write by hand (the limit), in turn, round by round, pinned to one core. The figures are medians of "
        f"{data['rounds']} round{'s' if data['rounds'] > 1 else ''}, of CPU time (user and system); × is the median of the ratios of the rounds, fermata to the limit of "
        "the same compiler; “best peer ×” is how many times as much the best of the peers takes.",
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}; {machine['system']}, kernel {machine['kernel']}; "
        f"fermata {machine['fermata']}. C++ with -O2, the peers by g++.",
        who(installed),
        *([f"Not built: {', '.join(missing)}."] if missing else []),
        "## Generators\n\nNanoseconds a unit.\n\n" + costs(groups["generators"], measured, installed),
        other_limits(groups["generators"], measured),
        plot("generators"),
        "The limit is a bare promise: it yields and nothing else, its frames from a pool; for a walk a callback, for exceptions a C++ "
        "`throw` and `catch`. cppcoro, which Debian has no package of, is not here.",
        "## Tasks and the loop\n\nNanoseconds of CPU time a unit.\n\n" + costs(groups["loop"], measured, installed),
        other_limits(groups["loop"], measured),
        plot("loop"),
        "The limit is bare promises with pooled frames, callbacks in an intrusive list, a ring; for sleeps a binary heap, its "
        "program waking for each deadline (that of “coalesced” for each millisecond); for cancellation a `throw` and a `catch`.",
        "### Memory\n\nResident bytes a unit, at most.\n\n" + bytes_table(groups["loop"], measured, installed),
        plot("memory"),
        "## Instructions\n\nCounted by callgrind, a unit.\n\n" + counts_table(WORKLOADS, data["instructions"])
        if data["instructions"]
        else "## Instructions\n\nNot counted: valgrind is not installed, or was not asked.",
        "## Growth\n\nThe cost of all of size N grows as N to the power of the exponent. "
        f"Linear or better: at most {results.LINEAR:g}, or no steeper than the limit.\n\n" + growth_table(WORKLOADS, measured),
        plot("growth-generators"),
        plot("growth-loop"),
        "## Sockets\n\n" + echo_table(data["echo"]),
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
