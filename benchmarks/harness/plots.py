"""Draws the plots: plots.py RESULTS.json DIRECTORY. To be run by a Python that has matplotlib."""

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as pyplot  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from harness import results  # noqa: E402
from harness.report import title  # noqa: E402
from harness.workloads import FERMATA, LIMITS, PEERS, WORKLOADS  # noqa: E402

# Seen on white and on black.
INK = "#808890"
COLORS = {
    FERMATA[0]: "#d9480f",
    FERMATA[1]: "#f59f00",
    LIMITS[0]: "#868e96",
    "Asio": "#1c7ed6",
    "Boost.Coroutine2": "#7950f2",
    "libuv": "#0ca678",
    "CPython": "#e64980",
    "uvloop": "#66a80f",
}
MARKS = dict(zip(COLORS, "o^s*DPXv"))
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "fermata",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlesize": 9,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": INK,
    "grid.alpha": 0.25,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def save(figure, directory, name):
    figure.savefig(directory / f"{name}.svg", transparent=True, bbox_inches="tight", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def sides_of(rows):
    return [side for side in COLORS if any(side in found for _, found in rows)]


def bars(directory, group, measured):
    """What a unit costs: a mark for each side, in a line for each workload."""
    rows = []
    for workload in WORKLOADS:
        sizes = measured.get(workload.name, {})
        if workload.group == group:
            rows += [(title(workload, size), sizes[str(size)]) for size in workload.rows if str(size) in sizes]
    if not rows:
        return
    figure, axes = pyplot.subplots(figsize=(8, 0.8 + 0.26 * len(rows)))
    for side in sides_of(rows):
        points = [(results.cost(found, side), i) for i, (_, found) in enumerate(rows) if results.cost(found, side)]
        if not points:
            continue
        filled = side in FERMATA
        axes.scatter(
            *zip(*points), s=42, marker=MARKS[side], label=side, zorder=3 if filled else 2,
            facecolors=COLORS[side] if filled else "none", edgecolors=COLORS[side], linewidths=1.3,
        )  # fmt: skip
    axes.set(xscale="log", yticks=range(len(rows)), yticklabels=[name for name, _ in rows], xlabel="ns a unit")
    axes.invert_yaxis()
    axes.minorticks_off()
    axes.grid(True, axis="both")
    axes.legend(frameon=False, ncol=4, loc="lower center", bbox_to_anchor=(0.35, 1))
    save(figure, directory, group)


def curves(directory, name, workloads, measured, key, label):
    """How the cost of a unit changes with the size: a small plot for each workload. Level is linear."""
    shown = [each for each in workloads if len(measured.get(each.name, {})) > 1]
    if not shown:
        return
    columns = 3
    lines = (len(shown) + columns - 1) // columns
    figure, grid = pyplot.subplots(lines, columns, figsize=(9, 2.3 * lines), squeeze=False, layout="constrained")
    for axes in grid.flat[len(shown) :]:
        axes.remove()
    handles = {}
    for axes, workload in zip(grid.flat, shown):
        for side in COLORS:
            points = results.costs_by_size(measured[workload.name], side, key)
            points = {size: value for size, value in points.items() if value > 0}
            if points:
                (handles[side],) = axes.plot(
                    list(points), list(points.values()), marker=MARKS[side], markersize=4, linewidth=1.2, color=COLORS[side], label=side
                )
        axes.set(xscale="log", yscale="log", title=workload.title)
        low, high = axes.get_ylim()
        if high / low < 100:
            middle = (low * high) ** 0.5
            axes.set_ylim(middle / 10, middle * 10)
        axes.grid(True)
        axes.minorticks_off()
    figure.supxlabel("N", color=INK)
    figure.supylabel(label, color=INK)
    order = [side for side in COLORS if side in handles]
    above = {"loc": "lower center", "bbox_to_anchor": (0.5, 1)}
    figure.legend([handles[side] for side in order], order, frameon=False, ncol=len(order), **above)
    save(figure, directory, name)


def main():
    data = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    directory = Path(sys.argv[2])
    measured = data["measured"]
    assert set(PEERS) <= set(COLORS)
    with matplotlib.rc_context(STYLE):
        for group in ("generators", "loop"):
            bars(directory, group, measured)
            curves(directory, f"growth-{group}", [each for each in WORKLOADS if each.group == group], measured, "ns", "ns a unit")
        curves(directory, "memory", [each for each in WORKLOADS if each.memory], measured, "bytes", "bytes a unit")


if __name__ == "__main__":
    main()
