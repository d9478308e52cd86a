"""Desired rows against the rows that are there: the fewest changes that make them equal."""

from collections import defaultdict
from dataclasses import dataclass, field

from .problem import Problem
from .row import OWNED_BY_REFERENCE, UNIQUE_NAMES


@dataclass(frozen=True)
class Insert:
    """A row that is missing."""

    row: object  # row.Row


@dataclass(frozen=True)
class Update:
    """A row of ours that differs. `columns`: new values, under "about" the text for people;
    `added` and `removed`: references to rows of ours that come and go."""

    row: object  # row.Row
    uuid: str
    columns: dict = field(default_factory=dict)
    added: dict = field(default_factory=dict)  # column → frozenset of (table, key)
    removed: dict = field(default_factory=dict)  # column → frozenset of uuids


@dataclass(frozen=True)
class Delete:
    """A row of ours that is not desired. Rows that live by references go with their last one."""

    row: object  # row.Observed
    explicit: bool = True


@dataclass(frozen=True)
class Difference:
    """Changes in no particular order: one transaction makes them all."""

    changes: tuple = ()
    problems: tuple = ()

    def of(self, kind):
        """The changes of one kind."""
        return [change for change in self.changes if isinstance(change, kind)]


def difference(rows, observed):
    """`rows`: identity → row.Row; `observed`: row.Observed of all tables. Rows without our key
    are never changed, nor are references to them."""
    ours = defaultdict(list)
    foreign_names = set()
    for row in sorted(observed, key=lambda row: row.uuid):
        if row.key is not None:
            ours[(row.table, row.key)].append(row)
        elif row.table in UNIQUE_NAMES:
            foreign_names.add((row.table, row.columns.get("name")))
    changes, problems, blocked = [], [], set()
    for identity, row in rows.items():
        there = ours.get(identity)
        name = (row.table, row.columns.get("name"))
        if name in foreign_names:
            # Also where ours exists: it has lost its name, and cannot have it back.
            blocked.add(identity)
            problems.append(Problem(row.about, f"a {row.table} named {name[1]} of another owner "
                                    "is in the database"))
        elif not there:
            changes.append(Insert(row))
    identity_of = {copies[0].uuid: identity for identity, copies in ours.items()}
    unwanted = {row.uuid for identity, copies in ours.items()
                for row in (copies if identity not in rows or identity in blocked else copies[1:])}
    own = {row.uuid for copies in ours.values() for row in copies}
    for identity, copies in ours.items():
        if identity in rows and identity not in blocked:
            change = _update(rows[identity], copies[0], blocked, identity_of, own, unwanted)
            if change:
                changes.append(change)
    changes = [_without(change, blocked) for change in changes]
    referred = {uuid for copies in ours.values() for row in copies
                for uuids in row.references.values() for uuid in uuids}
    for row in (row for copies in ours.values() for row in copies if row.uuid in unwanted):
        if row.table not in OWNED_BY_REFERENCE:
            changes.append(Delete(row))
        elif row.uuid in referred:
            changes.append(Delete(row, explicit=False))
        else:
            problems.append(Problem(row.about, f"its {row.table} is not needed any more, and "
                                    "stays: a row of another owner refers to it"))
    return Difference(tuple(changes), tuple(sorted(problems)))


def _update(row, there, blocked, identity_of, own, unwanted):
    columns = {name: value for name, value in row.columns.items()
               if there.columns.get(name) != value}
    added, removed = {}, {}
    for name, targets in row.references.items():
        present = there.references.get(name, frozenset())
        kept = {identity_of[uuid] for uuid in present if uuid in identity_of
                and uuid not in unwanted}
        missing = targets - kept - blocked
        extra = frozenset(uuid for uuid in present if uuid in own
                          and (uuid in unwanted or identity_of.get(uuid) not in targets))
        if missing:
            added[name] = frozenset(missing)
        if extra:
            removed[name] = extra
    if there.about != row.about:
        columns = dict(columns, about=row.about)
    return Update(row, there.uuid, columns, added, removed) if columns or added or removed else None


def _without(change, blocked):
    if not isinstance(change, Insert) or not blocked:
        return change
    row = change.row
    return Insert(type(row)(row.table, row.key, row.about, row.columns, {
        name: targets - blocked for name, targets in row.references.items()}))
