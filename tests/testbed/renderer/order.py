"""Which changes wait for a later transaction. Switches follow a transaction one after the other."""

from dataclasses import replace

from .difference import Update
from .ports import BACKENDS


def in_order(changes):
    """(changes to be made now, changes to be made when every switch has followed).

    An interface leaves the group of a floating IP after its load balancer has changed. Otherwise a
    switch that still balances would send a new connection to an interface whose switch lets none
    in any more; and the connection would keep that backend for good."""
    balanced = {change.row.about for change in changes
                if isinstance(change, Update) and change.row.table == "Load_Balancer"}
    now, later = [], []
    for change in changes:
        if not (_closes(change) and change.row.about in balanced):
            now.append(change)
            continue
        later.append(replace(change, columns={}, added={}))
        if change.columns or change.added:
            now.append(replace(change, removed={}))
    return tuple(now), tuple(later)


def _closes(change):
    return (isinstance(change, Update) and bool(change.removed)
            and change.row.table == "Port_Group" and change.row.key.startswith(BACKENDS))
