"""What the measurements come to: medians, ratios, whether a goal is met, how a cost grows."""

import math
from statistics import median

from .workloads import COMPILERS

# What a thousand times as much costs: at most so many thousand times as much, to the power of this. 1.1 lets the cost of a
# unit double over that: caches do that to anybody.
LINEAR = 1.1
NO_STEEPER = 0.05  # than the limit
MEMORY_SHOWS = 10_000  # units: of fewer, what the program itself takes is as much


def cost(found, side, key="ns"):
    """The median over the rounds; None where the side was not measured, or failed."""
    values = found.get(side, {}).get(key)
    return median(values) if values else None


def ratio(found, side, to, key="ns"):
    """The median of the ratios of each round: what slows the machine down for a while slows both."""
    pairs = [(a, b) for a, b in zip(found.get(side, {}).get(key, ()), found.get(to, {}).get(key, ())) if b > 0]
    return median(a / b for a, b in pairs) if pairs else None


def best_peer(found, peers):
    """(name, its cost), or None."""
    costs = {peer: cost(found, peer) for peer in peers}
    there = {peer: value for peer, value in costs.items() if value is not None}
    return min(there.items(), key=lambda item: item[1]) if there else None


def of_goal(workload, sizes, size, compiler):
    """What the goal is about, for a compiler: how many times as much as it compares with; None: not measured."""
    found, side = sizes[str(size)], f"fermata, {compiler}"
    if workload.goal.of == "first":
        first, here = cost(sizes[str(workload.rows[0])], side), cost(found, side)
        return here / first if first and here else None
    return ratio(found, side, f"limit, {compiler}" if workload.goal.of == "limit" else workload.goal.of)


def verdict(workload, sizes, size):
    """What the table says of the goal."""
    if workload.goal is None:
        return ""
    got = {compiler: of_goal(workload, sizes, size, compiler) for compiler in COMPILERS}
    measured = {compiler: value for compiler, value in got.items() if value is not None}
    if not measured:
        return "not measured"
    missed = [f"{compiler} {value:.2f}" for compiler, value in measured.items() if value > workload.goal.factor]
    return f"**not met**: {', '.join(missed)}" if missed else "met"


def exponent(costs):
    """Of the growth: the cost of all grows as size ** exponent (least squares of the logarithms). costs: size → of a unit."""
    points = [(math.log(size), math.log(size * value)) for size, value in costs.items() if value and value > 0]
    if len(points) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def costs_by_size(sizes, side, key="ns"):
    costs = {int(size): cost(found, side, key) for size, found in sizes.items() if key != "bytes" or int(size) >= MEMORY_SHOWS}
    return {size: value for size, value in costs.items() if value is not None}


def is_linear(own, limit):
    """Linear or better; or no steeper than the limit, where what the machine does is what grows."""
    return own <= LINEAR or (limit is not None and own <= limit + NO_STEEPER)


# For scripts/bench-check.


def check_counts(counts, committed, tolerance=0.03):
    """(text, failed) for each: what has grown past the tolerance, or is not known, has failed."""
    lines = []
    for name, found in counts.items():
        before = committed.get(name)
        if before is None:
            lines.append((f"{name}: {found:.2f}, and not in the committed counts", True))
            continue
        change = found / before - 1
        note = " (less: --update would commit it)" if change < -tolerance else ""
        lines.append((f"{name}: {found:.2f}, committed {before:.2f} ({change:+.1%}){note}", found > before * (1 + tolerance)))
    for name in committed:
        if name not in counts:
            lines.append((f"{name}: committed, and not counted any more", True))
    return lines


def check_claims(claims):
    """(text, failed) for each (claim, found, at most)."""
    return [(f"{claim}: {found:.1f}, at most {limit:.1f}", round(found, 1) > round(limit, 1)) for claim, found, limit in claims]
