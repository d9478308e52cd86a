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


def problem_lines(before, now):
    """What is not expressed any more or again, compared with the last pass."""
    return [f"cannot express   {problem}" for problem in sorted(set(now) - set(before))] + [
        f"expressed now    {problem.object} (was: {problem.reason})"
        for problem in sorted(set(before) - set(now))]


def summary(changes, problems):
    """One line for a whole pass."""
    kinds = Counter(type(change).__name__ for change in changes)
    done = ", ".join(f"{kinds[kind]} {verb}" for kind, verb in (
        ("Insert", "added"), ("Update", "changed"), ("Delete", "removed")) if kinds[kind])
    return (f"rows: {done or 'in sync'}; not expressed: {len(problems) or 'nothing'}")


def _line(change):
    row = change.row
    if isinstance(change, Insert):
        return f"added    {row.table:<20} {row.about}"
    if isinstance(change, Delete):
        return f"removed  {row.table:<20} {row.about or row.key}"
    parts = sorted({*change.columns, *change.added, *change.removed})
    return f"changed  {row.table:<20} {row.about} ({', '.join(parts)})"
