"""Which changes of the northbound database wait for a later transaction."""

import unittest

from objects import GB, guestbook
from renderer.config import parse
from renderer.desired import desired
from renderer.difference import difference
from renderer.order import in_order
from test_renderer_difference import Database

_ADDRESS = f"{GB}:service-redis-slave:service-redis-slave:redis-slave"
_OTHER = f"{GB}:service-redis-master:service-redis-master:redis-master"


class Order(unittest.TestCase):
    """A database that is in sync with guestbook, and backends of redis-slave that change."""

    def setUp(self):
        self.objects, self.database = guestbook(), Database()
        self.database.apply(self.found())

    def found(self):
        """The changes that are due."""
        rows = desired(parse(self.objects.lists), None, ()).rows
        return difference(rows, self.database.rows.values()).changes

    def backends(self, *numbers, address=_ADDRESS):
        """An address, redis-slave's by default, leads to these Pods."""
        address = self.objects.get("floating-ip", address)
        uuids = {self.objects.get("virtual-machine-interface", f"default-domain:guestbook:{name}")[
            "uuid"]: name for name in numbers}
        address["virtual_machine_interface_refs"] = [
            {"to": ["default-domain", "guestbook", name], "uuid": uuid, "attr": None}
            for uuid, name in uuids.items()]

    def group(self):
        """The members of the group of backends."""
        uuid = self.objects.get("floating-ip", _ADDRESS)["uuid"]
        return self.database.find("Port_Group", f"group/floating-ip/{uuid}").references["ports"]

    def test_a_backend_leaves(self):
        """First the load balancer, then the group; then nothing."""
        self.backends("redis-slave-0")
        before = self.group()
        now, later = in_order(self.found())
        self.assertEqual({change.row.table for change in now}, {"Load_Balancer"})
        self.assertEqual({change.row.table for change in later}, {"Port_Group"})
        self.database.apply(now)
        self.assertEqual(self.group(), before)
        now, later = in_order(self.found())
        self.assertEqual(later, ())
        self.database.apply(now)
        self.assertEqual(len(self.group()), 1)
        self.assertEqual(self.found(), ())

    def test_a_backend_is_replaced(self):
        """The new one comes at once."""
        self.backends("redis-slave-0")
        while found := self.found():
            self.database.apply(in_order(found)[0])
        self.backends("redis-slave-1")
        now, later = in_order(self.found())
        self.database.apply(now)
        self.assertEqual(len(self.group()), 2)
        self.database.apply(later)
        self.assertEqual(len(self.group()), 1)
        self.assertEqual(self.found(), ())

    def test_other_changes_do_not_wait(self):
        """A backend comes; a group is repaired."""
        self.backends("redis-slave-0", "redis-slave-1", "redis-master-0")
        self.assertEqual(in_order(self.found())[1], ())
        self.database.apply(self.found())
        uuid = self.objects.get("floating-ip", _ADDRESS)["uuid"]
        row = self.database.find("Port_Group", f"group/floating-ip/{uuid}")
        port = self.database.find("Port_Group", "group/every-port").references["ports"]
        self.database.change(row.uuid, {}, {"ports": port})
        now, later = in_order(self.found())
        self.assertEqual((len(now), later), (1, ()))

    def test_a_group_waits_for_its_own_load_balancer_only(self):
        """Otherwise changes of others, one after the other, would keep it open."""
        self.backends("redis-slave-0")
        self.database.apply(in_order(self.found())[0])
        self.backends("redis-slave-0", address=_OTHER)
        now, later = in_order(self.found())
        closed = {change.row.about for change in now if change.removed}
        self.assertEqual(closed, {f"floating-ip {_ADDRESS}"})
        self.assertEqual({change.row.about for change in later}, {f"floating-ip {_OTHER}"})


if __name__ == "__main__":
    unittest.main()
