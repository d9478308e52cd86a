"""The difference between desired and observed rows: minimal, complete, and nothing of others."""

import unittest

from objects import GB, MASTER_POLICY, PUBLIC, guestbook
from renderer.config import parse
from renderer.desired import desired
from renderer.difference import Delete, Insert, Update, difference
from renderer.report import Announced, change_lines, summary
from renderer.row import OWNED_BY_REFERENCE, TABLES, Observed


class Database:
    """A northbound database in memory: rows by uuid, as row.Observed."""

    def __init__(self):
        self.rows = {}
        self._count = 0

    def apply(self, changes):
        """What northbound.Northbound.apply does, and the database's own clean-up."""
        uuids = {(row.table, row.key): row.uuid for row in self.rows.values() if row.key}
        uuids.update({change.row.identity: change.uuid for change in changes
                      if isinstance(change, Update)})
        inserts = [change for change in changes if isinstance(change, Insert)]
        for change in inserts:
            uuids[change.row.identity] = self.fresh()
        for change in changes:
            if isinstance(change, Insert):
                row = change.row
                references = {name: frozenset(uuids[identity] for identity in targets)
                              for name, targets in row.references.items()}
                self.put(Observed(row.table, uuids[row.identity], row.key, row.about,
                                  row.columns, references))
            elif isinstance(change, Update):
                self.change(change.uuid, change.columns, {
                    name: self.rows[change.uuid].references[name] - change.removed.get(name, set())
                    | {uuids[identity] for identity in change.added.get(name, ())}
                    for name in {*change.added, *change.removed}})
            elif change.explicit:
                del self.rows[change.row.uuid]
        self._clean_up()

    def fresh(self):
        """A new uuid."""
        self._count += 1
        return f"row-{self._count:04}"

    def put(self, row):
        """Adds a row of anybody; returns its uuid."""
        empty = {name: frozenset() for name in TABLES[row.table][1]}
        self.rows[row.uuid] = Observed(row.table, row.uuid, row.key, row.about, row.columns,
                                       {**empty, **row.references})
        return row.uuid

    def change(self, uuid, columns, references):
        """Changes columns of a row."""
        row = self.rows[uuid]
        columns = dict(columns)
        about = columns.pop("about", row.about)
        self.rows[uuid] = Observed(row.table, uuid, row.key, about, {**row.columns, **columns},
                                   {**row.references, **references})

    def find(self, table, key):
        """The row with this key."""
        return next(row for row in self.rows.values() if (row.table, row.key) == (table, key))

    def _clean_up(self):
        """Removes rows that nothing refers to any more, and references to rows that are gone."""
        before = None
        while before != len(self.rows):
            before = len(self.rows)
            referred = {uuid for row in self.rows.values() for uuids in row.references.values()
                        for uuid in uuids}
            self.rows = {uuid: row for uuid, row in self.rows.items()
                         if row.table not in OWNED_BY_REFERENCE or uuid in referred}
        for row in list(self.rows.values()):
            self.change(row.uuid, {}, {name: frozenset(uuids & self.rows.keys())
                                       for name, uuids in row.references.items()})


class DifferenceTest(unittest.TestCase):
    """A database that is in sync with guestbook."""

    def setUp(self):
        self.objects = guestbook()
        self.database = Database()
        self.sync()

    def found(self):
        return difference(desired(parse(self.objects.lists), None, (PUBLIC,)).rows,
                          self.database.rows.values())

    def sync(self):
        """One pass; returns its changes. The next pass has nothing to do."""
        result = self.found()
        self.database.apply(result.changes)
        self.assertEqual(self.found().changes, ())
        return result.changes

    def kinds(self, changes):
        return sorted((type(change).__name__, change.row.table) for change in changes)


class Repairs(DifferenceTest):
    """Drift: each change of the renderer's rows is undone, with as little as possible."""

    def test_in_sync(self):
        self.assertEqual(self.found().changes, ())

    def test_every_row_that_is_lost(self):
        for uuid, row in list(self.database.rows.items()):
            with self.subTest(f"{row.table} {row.key}"):
                if uuid not in self.database.rows:
                    continue
                del self.database.rows[uuid]
                self.database.apply([])
                self.sync()

    def test_every_column_that_is_changed(self):
        for uuid, row in list(self.database.rows.items()):
            for name, value in row.columns.items():
                with self.subTest(f"{row.table} {row.key} {name}"):
                    self.database.change(uuid, {name: 7 if value == 8 else 8}, {})
                    self.assertEqual([change.columns for change in self.sync()], [{name: value}])

    def test_every_reference_that_is_lost(self):
        for uuid, row in list(self.database.rows.items()):
            for name in row.references:
                with self.subTest(f"{row.table} {row.key} {name}"):
                    self.database.change(uuid, {}, {name: frozenset()})
                    self.sync()

    def test_copies_of_rows(self):
        for row in list(self.database.rows.values()):
            with self.subTest(f"{row.table} {row.key}"):
                count = len(self.database.rows)
                copy = Observed(row.table, self.database.fresh(), row.key, row.about, row.columns,
                                row.references)
                self.database.put(copy)
                for holder in list(self.database.rows.values()):
                    for name, uuids in holder.references.items():
                        if row.uuid in uuids and holder.uuid != copy.uuid:
                            self.database.change(holder.uuid, {}, {name: uuids | {copy.uuid}})
                self.sync()
                self.assertEqual(len(self.database.rows), count)

    def test_an_empty_database(self):
        self.database.rows.clear()
        changes = self.sync()
        self.assertTrue(all(isinstance(change, Insert) for change in changes))


class Changes(DifferenceTest):
    """Changes of the config API."""

    def test_a_rule_that_goes(self):
        policy = self.objects.get("network-policy", MASTER_POLICY)
        policy["network_policy_entries"]["policy_rule"].pop(0)
        self.assertEqual(self.kinds(self.sync()), [
            ("Delete", "ACL"), ("Delete", "ACL"), ("Update", "Logical_Switch")])

    def test_a_backend_that_goes(self):
        name = f"{GB}:service-redis-slave:service-redis-slave:redis-slave"
        self.objects.get("floating-ip", name)["virtual_machine_interface_refs"].pop(0)
        changes = self.sync()
        self.assertEqual(self.kinds(changes),
                         [("Update", "Load_Balancer"), ("Update", "Port_Group")])

    def test_a_pod_that_comes(self):
        self.objects.pod(f"{GB}:redis-slave", "guestbook:redis-slave-9", "02:00:00:00:00:99",
                         "10.0.0.99")
        changes = self.sync()
        self.assertEqual(self.kinds(changes), [
            ("Insert", "Logical_Switch_Port"), ("Update", "Logical_Switch"),
            ("Update", "Port_Group"), ("Update", "Port_Group")])
        for update in (change for change in changes if isinstance(change, Update)):
            self.assertEqual((len(update.added["ports"]), update.removed), (1, {}))

    def test_everything_goes_and_comes_back(self):
        everything = self.objects.lists
        self.objects.lists = {}
        self.sync()
        self.assertLess(len(self.database.rows), 10)
        self.objects.lists = everything
        self.sync()


class Others(DifferenceTest):
    """Rows of others in the same database."""

    def setUp(self):
        super().setUp()
        self.foreign = [self.database.put(Observed("ACL", self.database.fresh(), columns={
            "priority": 9, "direction": "to-lport", "match": "ip", "action": "drop"}))]
        self.foreign.append(self.database.put(Observed(
            "Logical_Switch_Port", self.database.fresh(), columns={"name": "theirs"})))
        self.foreign.append(self.database.put(Observed(
            "Logical_Switch", self.database.fresh(), columns={"name": "config-api-interfaces"},
            references={"ports": frozenset([self.foreign[1]])})))
        switch = self.database.find("Logical_Switch", "switch")
        self.database.change(switch.uuid, {}, {
            "acls": switch.references["acls"] | {self.foreign[0]}})

    def test_they_and_references_to_them_stay(self):
        before = {uuid: self.database.rows[uuid] for uuid in self.foreign}
        self.assertEqual(self.found().changes, ())
        everything = self.objects.lists
        for lists in ({}, everything):
            self.objects.lists = lists
            self.sync()
            self.assertEqual({uuid: self.database.rows.get(uuid) for uuid in self.foreign}, before)
            self.assertIn(self.foreign[0],
                          self.database.find("Logical_Switch", "switch").references["acls"])

    def test_a_name_that_is_taken(self):
        port = next(row for row in self.database.rows.values()
                    if row.table == "Logical_Switch_Port" and row.key and "interface" in row.key)
        del self.database.rows[port.uuid]
        self.database.apply([])
        self.foreign.append(self.database.put(Observed(
            "Logical_Switch_Port", self.database.fresh(), columns={"name": port.columns["name"]})))
        switch = self.database.rows[self.foreign[2]]
        self.database.change(switch.uuid, {}, {
            "ports": switch.references["ports"] | {self.foreign[-1]}})
        result = self.found()
        self.assertEqual(result.changes, ())
        self.assertEqual([str(problem) for problem in result.problems], [
            f"{port.about}: a Logical_Switch_Port named {port.columns['name']} of another owner "
            "is in the database"])

    def test_a_row_of_ours_that_a_row_of_others_holds(self):
        row = self.database.find("ACL", "acl/closed/to-lport")
        kept = self.database.put(Observed("ACL", self.database.fresh(), "acl/of-old-times",
                                          "an old rule", row.columns))
        holder = self.database.rows[self.foreign[2]]
        self.database.change(holder.uuid, {}, {"acls": frozenset([kept])})
        result = self.found()
        self.assertEqual(result.changes, ())
        self.assertIn("stays", str(result.problems[0]))


class Report(DifferenceTest):
    """What people read."""

    def test_a_pass(self):
        policy = self.objects.get("network-policy", MASTER_POLICY)
        policy["network_policy_entries"]["policy_rule"].pop(0)
        lines = change_lines(self.found().changes)
        self.assertEqual(lines, [
            "changed  Logical_Switch       the switch of all interfaces (acls)",
            f"removed  ACL                  network-policy {MASTER_POLICY} at {GB}:guestbook",
            f"removed  ACL                  network-policy {MASTER_POLICY} at "
            f"{GB}:service-redis-master"])
        self.assertEqual(summary(self.found().changes, ()),
                         "rows: 1 changed, 2 removed; not expressed: nothing")

    def test_a_long_pass_is_cut(self):
        self.database.rows.clear()
        changes = self.found().changes
        lines = change_lines(changes)
        self.assertEqual(len(lines), 41)
        self.assertEqual(lines[-1], f"… and {len(changes) - 40} more added")

    def test_lasting_problems_are_told_once(self):
        problems = desired(parse(self.objects.lists), None, (PUBLIC,)).problems
        announced = Announced()
        self.assertEqual(announced.lines(problems), [])
        self.assertRegex(announced.lines(problems)[0], "^cannot express   floating-ip .*")
        self.assertEqual(announced.lines(problems), [])
        self.assertEqual(summary((), announced.problems), "rows: in sync; not expressed: 2")
        self.assertRegex(announced.lines(())[0], "^expressed now    floating-ip .*")
        self.assertEqual(announced.lines(problems), [])
        self.assertEqual(len(Announced(at_once=True).lines(problems)), 2)

    def test_a_delete_names_its_object(self):
        self.objects.lists = {}
        deletes = self.found().of(Delete)
        self.assertTrue(deletes)
        for change in deletes:
            self.assertTrue(change.row.about)


if __name__ == "__main__":
    unittest.main()
