"""The matrix by tiers: what the labels say of two tiers, beside what real connections did."""

from collections import defaultdict

from .flow import OPEN, OUTSIDE


def tiers(matrix):
    """Lines for people: one for each pair of a Pod tier (or the outside) and a Service whose
    connections were tried. `matrix`: Matrix."""
    pairs = defaultdict(list)
    for flow, names in matrix.expected.items():
        if flow.target.startswith("Service "):
            pairs[_tier(flow.source, matrix.pods), flow.target].append((flow, names))
    rows = [(source, target.removeprefix("Service "), _says(tried), _did(tried, matrix.outcomes))
            for (source, target), tried in pairs.items()]
    head = ("from the tier", "to the Service", "labels", "packets")
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(3)]
    return [f"  {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]}"
            for row in [head, *sorted(rows)]]


def _tier(source, pods):
    """namespace/tier of a Pod."""
    if source == OUTSIDE:
        return OUTSIDE
    metadata = pods[source]["metadata"]
    return f"{metadata['namespace']}/{metadata.get('labels', {}).get('name', 'default')}"


def _says(tried):
    kinds = {bool(names) for _, names in tried}
    return "some open" if len(kinds) == 2 else "open" if kinds == {True} else "closed"


def _did(tried, outcomes):
    opened = sum(outcomes[flow].kind == OPEN for flow, _ in tried)
    return f"{opened} of {len(tried)} connections open"
