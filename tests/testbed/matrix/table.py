"""The matrix as text for people, and as a value for tests."""

import json
from collections import Counter, defaultdict
from dataclasses import asdict

from .flow import OPEN, REFUSED

_OPEN, _CLOSED, _PARTLY, _REFUSED, _WRONG = "●", "·", "◐", "⊘", "✗"
_MOST = 40  # differences that are listed


def counts(expected, differences):
    """One sentence: what was tried, and whether it is as the labels say."""
    opened = sum(bool(names) for names in expected.values())
    verdict = (f"{len(differences)} DIFFER from what the labels say" if differences
               else "packets and labels agree")
    return (f"{len(expected)} connections tried; the labels open {opened} and close "
            f"{len(expected) - opened}: {verdict}")


def table(expected, outcomes, differences):
    """Sources down, targets across; then the differences, one a line."""
    cells = defaultdict(list)
    for flow in expected:
        cells[flow.source, flow.target].append(flow)
    sources = list(dict.fromkeys(source for source, _ in cells))
    reached = {target for _, target in cells}
    targets = [name for name in dict.fromkeys([*sources, *(target for _, target in cells)])
               if name in reached]
    wrong = {(each.flow.source, each.flow.target) for each in differences}
    width = max(map(len, sources), default=0)
    lines = _legend(targets, expected)
    lines += ["", " " * (width + 4) + "".join(f"{number:>4}" for number in range(
        1, len(targets) + 1))]
    for source in sources:
        marks = [_mark(cells.get((source, target)), outcomes, (source, target) in wrong)
                 for target in targets]
        lines.append(f"  {source:<{width}}  " + "".join(f"{mark:>4}" for mark in marks))
    lines += ["", f"  {_OPEN} open   {_CLOSED} closed   {_PARTLY} some of its ports are open   "
              f"{_WRONG} not as the labels say   {_REFUSED} refused: neither open nor closed", ""]
    lines += [f"  {_WRONG} {each}" for each in differences[:_MOST]]
    if len(differences) > _MOST:
        lines.append(f"  … and {len(differences) - _MOST} more")
    return "\n".join([*lines, counts(expected, differences)])


def _legend(targets, flows):
    """A line for each target: number, name, addresses, ports."""
    addresses, ports = defaultdict(set), defaultdict(set)
    for flow in flows:
        addresses[flow.target].add(flow.address)
        if flow.port:
            ports[flow.target].add((flow.port, flow.protocol))
    rows = [(target,
             ", ".join(map(str, sorted(addresses[target], key=lambda one: (one.version, one)))),
             ", ".join(f"{port}/{protocol}" for port, protocol in sorted(ports[target])))
            for target in targets]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return [f"  {number:>3}  {target:<{widths[0]}}  {where:<{widths[1]}}  {listed}"
            for number, (target, where, listed) in enumerate(rows, 1)]


def _mark(flows, outcomes, wrong):
    if not flows:
        return ""
    if wrong:
        refused = any(outcomes[flow].kind == REFUSED for flow in flows)
        return _REFUSED if refused else _WRONG
    kinds = {outcomes[flow].kind == OPEN for flow in flows}
    return _PARTLY if len(kinds) == 2 else _OPEN if kinds == {True} else _CLOSED


def as_json(expected, outcomes, differences):
    """The same as one JSON object."""
    wrong = {each.flow for each in differences}
    return json.dumps({
        "agree": not differences,
        "summary": counts(expected, differences),
        "outcomes": Counter(outcome.kind for outcome in outcomes.values()),
        "connections": [{
            "source": flow.source, "target": flow.target, "protocol": flow.protocol,
            "address": str(flow.address), "port": flow.port, "expected": sorted(names),
            "outcome": outcomes[flow].kind, "answerer": outcomes[flow].answerer,
            "agrees": flow not in wrong, "evidence": outcomes[flow].evidence and asdict(
                outcomes[flow].evidence)} for flow, names in expected.items()]}, indent=1)
