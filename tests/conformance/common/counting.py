"""Counts what the programs exercise, so that holes are visible: a feature that nothing reaches is not tested."""

import collections
import re


class Coverage:
    def __init__(self, kind):
        self.kind = kind
        self.present, self.reached = collections.Counter(), collections.Counter()
        self.outcomes = collections.Counter()

    def add(self, program, trace):
        seen = {line.split(" ", 1)[0] for line in trace}
        places = collections.defaultdict(set)
        for feature, at in self.kind.coverage.features(self.kind.model.numbered(program)):
            places[feature].add(at)
        for feature, ats in places.items():
            self.present[feature] += 1
            self.reached[feature] += bool(ats & seen)
        for outcome, pattern in self.kind.coverage.OUTCOMES.items():
            self.outcomes[outcome] += any(re.search(pattern, line) for line in trace)

    def report(self):
        lines = [f"  {'feature':42} {'programs':>8} {'reached':>8}"]
        for feature in sorted(self.present):
            reached = "-" if feature in self.kind.coverage.SILENT else str(self.reached[feature])
            lines.append(f"  {feature:42} {self.present[feature]:8} {reached:>8}")
        lines.append(f"  {'outcome':42} {'programs':>8}")
        lines += [f"  {outcome:42} {self.outcomes[outcome]:8}" for outcome in self.kind.coverage.OUTCOMES]
        return "\n".join(lines)

    def holes(self):
        """Features and outcomes that no program reached."""
        missing = [feature for feature in self.present if not self.reached[feature] and feature not in self.kind.coverage.SILENT]
        return sorted(missing) + [outcome for outcome in self.kind.coverage.OUTCOMES if not self.outcomes[outcome]]
