"""OVN's northbound database, over a unix socket, with Open vSwitch's own Python package."""

import subprocess
import time
from uuid import UUID

try:
    import ovs.db.idl
    import ovs.jsonrpc
    import ovs.poller
    import ovs.stream
except ModuleNotFoundError as missing:  # pyenv and the like do not see Debian's packages
    raise SystemExit("config-to-ovn: Python's package ovs is missing: install python3-openvswitch "
                     "and use Debian's python3") from missing

from .difference import Delete, Insert, Update
from .row import KEY, OBJECT, TABLES, Observed

_DATABASE = "OVN_Northbound"
_SWITCHES = 2  # seconds in which they follow


class NorthboundError(Exception):
    """The database is not there, or refuses a transaction."""


class Northbound:
    """A connection that follows the database. `remote`: unix:PATH or tcp:HOST:PORT."""

    def __init__(self, remote, timeout=10):
        self._remote = remote
        self._timeout = timeout
        helper = ovs.db.idl.SchemaHelper(schema_json=self._schema())
        for table, (columns, references) in TABLES.items():
            helper.register_columns(table, [*columns, *references, "external_ids"])
        self._idl = ovs.db.idl.Idl(remote, helper, leader_only=False)
        self._run_until(self._idl.has_ever_connected, "gives no answer")

    def close(self):
        """Closes the connection."""
        self._idl.close()

    def version(self):
        """A number that changes with the rows; takes in what the database has sent."""
        self._idl.run()
        return self._idl.change_seqno

    def observed(self):
        """All rows of the tables that the renderer writes, as row.Observed: those of version()."""
        return [_observed(table, row) for table in TABLES
                for row in self._idl.tables[table].rows.values()]

    def apply(self, changes):
        """Makes all changes (of difference.Difference) in one transaction."""
        transaction = ovs.db.idl.Transaction(self._idl)
        there = {(table, row.external_ids.get(KEY)): row for table in TABLES
                 for row in self._idl.tables[table].rows.values()}
        # Copies of a row have one key: only the updated one counts.
        there.update({change.row.identity: self._row(change.row.table, change.uuid)
                      for change in changes if isinstance(change, Update)})
        made = {change.row.identity: transaction.insert(self._idl.tables[change.row.table])
                for change in changes if isinstance(change, Insert)}
        rows = {**there, **made}
        for change in changes:
            if isinstance(change, Insert):
                _fill(made[change.row.identity], change.row, rows)
            elif isinstance(change, Update):
                self._update(self._row(change.row.table, change.uuid), change, rows)
            elif isinstance(change, Delete) and change.explicit:
                self._row(change.row.table, change.row.uuid).delete()
        self._commit(transaction)

    def _row(self, table, uuid):
        return self._idl.tables[table].rows[UUID(uuid)]

    def _update(self, row, change, rows):
        for name, value in change.columns.items():
            if name == "about":
                row.setkey("external_ids", OBJECT, value)
            else:
                setattr(row, name, _value(value))
        for name, identities in change.added.items():
            for identity in identities:
                row.addvalue(name, rows[identity].uuid)
        for name, uuids in change.removed.items():
            for uuid in uuids:
                row.delvalue(name, UUID(uuid))

    def _commit(self, transaction):
        end = time.monotonic() + self._timeout
        status = transaction.commit()
        while status == ovs.db.idl.Transaction.INCOMPLETE:
            if time.monotonic() > end:
                transaction.abort()
                raise NorthboundError(f"{self._remote} does not answer a transaction")
            poller = ovs.poller.Poller()
            self._idl.wait(poller)
            transaction.wait(poller)
            poller.timer_wait(500)
            poller.block()
            self._idl.run()
            status = transaction.commit()
        if status not in (ovs.db.idl.Transaction.SUCCESS, ovs.db.idl.Transaction.UNCHANGED):
            raise NorthboundError(f"{self._remote} refuses the transaction: "
                                  f"{transaction.get_error() or status}")

    def wait_for_switches(self):
        """Waits until every switch has the flows of the database; not for long, for a switch may
        be away."""
        subprocess.run(["ovn-nbctl", f"--db={self._remote}", f"--timeout={_SWITCHES}", "--wait=hv",
                        "sync"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)

    def wait(self, seconds):
        """Waits so long, or until the database changes."""
        before, end = self._idl.change_seqno, time.monotonic() + seconds
        while self._idl.change_seqno == before and time.monotonic() < end:
            poller = ovs.poller.Poller()
            self._idl.wait(poller)
            poller.timer_wait(max(1, int((end - time.monotonic()) * 1000)))
            poller.block()
            self._idl.run()

    def _run_until(self, condition, otherwise):
        end = time.monotonic() + self._timeout
        while not condition():
            self._idl.run()
            if time.monotonic() > end:
                raise NorthboundError(f"{self._remote} {otherwise}")
            poller = ovs.poller.Poller()
            self._idl.wait(poller)
            poller.timer_wait(200)
            poller.block()

    def _schema(self):
        error, stream = ovs.stream.Stream.open_block(
            ovs.stream.Stream.open(self._remote), self._timeout * 1000)
        if error:
            raise NorthboundError(f"no connection to {self._remote} (error {error})")
        connection = ovs.jsonrpc.Connection(stream)
        try:
            error, reply = connection.transact_block(
                ovs.jsonrpc.Message.create_request("get_schema", [_DATABASE]))
        finally:
            connection.close()
        if error or reply.error:
            raise NorthboundError(f"{self._remote} has no database {_DATABASE}")
        return reply.result


def _observed(table, row):
    columns, references = TABLES[table]
    marks = row.external_ids
    return Observed(
        table, str(row.uuid), marks.get(KEY), marks.get(OBJECT, ""),
        {name: _plain(getattr(row, name)) for name in columns},
        {name: frozenset(str(target.uuid) for target in getattr(row, name))
         for name in references})


def _plain(value):
    return frozenset(value) if isinstance(value, list) else value


def _value(value):
    return sorted(value) if isinstance(value, frozenset) else value


def _fill(row, wanted, rows):
    for name, value in wanted.columns.items():
        setattr(row, name, _value(value))
    for name, identities in wanted.references.items():
        setattr(row, name, [rows[identity] for identity in sorted(identities)])
    row.external_ids = {KEY: wanted.key, OBJECT: wanted.about}
