"""Makes a program that differs smaller, for as long as it still does."""

import trees

ROUND = 24  # candidates compiled together


def shrink(kind, program, differs, report=lambda program: None):
    """`differs` takes a list of programs and says of each whether C++ and Python still disagree about it."""
    tried = set()
    while True:
        smaller = _next(kind, program, differs, tried)
        if smaller is None:
            return program
        program = smaller
        report(program)


def _next(kind, program, differs, tried):
    """The smallest of the first batch of candidates in which one differs."""
    model, batch = kind.model, []
    for candidate in kind.shrink.candidates(program):
        key = trees.digest(candidate)
        if key in tried or model.size(candidate) > model.size(program) or model.problems(candidate):
            continue
        tried.add(key)
        batch.append(candidate)
        if len(batch) == ROUND:
            found = _smallest(kind, batch, differs)
            if found is not None:
                return found
            batch = []
    return _smallest(kind, batch, differs)


def _smallest(kind, batch, differs):
    if not batch:
        return None
    still = [candidate for candidate, yes in zip(batch, differs(batch)) if yes]
    return min(still, key=kind.model.size, default=None)
