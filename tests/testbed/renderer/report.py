"""What a pass did, in lines for people."""

from collections import Counter

from .difference import Delete, Insert

_SHOWN = 40  # lines of one pass; the rest is counted


def change_lines(changes):
    """A line for each change, sorted; many are cut, with a sum."""
    lines = sorted(map(_line, changes))
    if len(lines) > _SHOWN:
        left = Counter(line.split(None, 1)[0] for line in lines[_SHOWN:])
        lines[_SHOWN:] = ["… and " + ", ".join(f"{count} more {verb}"
                                               for verb, count in sorted(left.items()))]
    return lines


class Announced:
    """The problems that have been printed. Lists are read one after the other, so a problem may
    be that of a moment: it counts when the next pass shows it too."""

    def __init__(self, at_once=False):
        self._at_once = at_once
        self._last = frozenset()
        self.problems = frozenset()

    def lines(self, problems):
        """Takes the problems of a pass; what is new, and what is gone, as lines."""
        now = frozenset(problems)
        lasting = now if self._at_once else now & (self._last | self.problems)
        lines = [f"cannot express   {problem}" for problem in sorted(lasting - self.problems)] + [
            f"expressed now    {problem.object} (was: {problem.reason})"
            for problem in sorted(self.problems - lasting)]
        self._last, self.problems = now, lasting
        return lines


def summary(changes, problems):
    """One line for a whole pass."""
    kinds = Counter(type(change).__name__ for change in changes)
    done = ", ".join(f"{kinds[kind]} {verb}" for kind, verb in (
        ("Insert", "added"), ("Update", "changed"), ("Delete", "removed")) if kinds[kind])
    return f"rows: {done or 'in sync'}; not expressed: {len(problems) or 'nothing'}"


def _line(change):
    row = change.row
    if isinstance(change, Insert):
        return f"added    {row.table:<20} {row.about}"
    if isinstance(change, Delete):
        return f"removed  {row.table:<20} {row.about or row.key}"
    parts = sorted({*change.columns, *change.added, *change.removed})
    return f"changed  {row.table:<20} {row.about} ({', '.join(parts)})"
