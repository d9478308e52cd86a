"""The matrix by tiers, and the checks of the seed, as text."""

import json
import unittest
from ipaddress import ip_address
from types import SimpleNamespace

import paths  # extends sys.path
from bed.advice import external
from bed.walk_report import interfaces
from matrix.flow import OPEN, OUTSIDE, SILENT, Flow, Outcome
from matrix.tiers import tiers


def _pod(tier):
    return {"metadata": {"namespace": "shop", "labels": {"name": tier} if tier else {}}}


class Tiers(unittest.TestCase):
    """One line for each pair."""

    def setUp(self):
        pods = {"shop/web-0": _pod("web"), "shop/web-1": _pod("web"), "shop/db-0": _pod(None)}
        tried = {  # (source, target) → (may answer, kind)
            ("shop/web-0", "Service shop/db"): ("shop/db-0", OPEN),
            ("shop/web-1", "Service shop/db"): ("shop/db-0", SILENT),
            ("shop/db-0", "Service shop/web"): ("", SILENT),
            ("shop/web-0", "shop/web-1"): ("shop/web-1", OPEN),
            (OUTSIDE, "Service shop/web"): ("", OPEN)}
        flows = {pair: Flow(*pair, "tcp", ip_address("10.254.0.9"), 80) for pair in tried}
        self.lines = tiers(SimpleNamespace(
            pods=pods, expected={flows[pair]: frozenset(filter(None, [names]))
                                 for pair, (names, _) in tried.items()},
            outcomes={flows[pair]: Outcome(kind) for pair, (_, kind) in tried.items()}))

    def test_lines(self):
        """What the labels say beside what packets did; Pods among themselves are no Services."""
        self.assertEqual([line.split() for line in self.lines[1:]], [
            ["outside", "shop/web", "closed", "1", "of", "1", "connections", "open"],
            ["shop/default", "shop/web", "closed", "0", "of", "1", "connections", "open"],
            ["shop/web", "shop/db", "open", "1", "of", "2", "connections", "open"]])

    def test_columns(self):
        """They stand below one another."""
        where = {line.index(word) for line, word in zip(self.lines, (
            "labels", "closed", "closed", "open"))}
        self.assertEqual(len(where), 1)


class Interfaces(unittest.TestCase):
    """The devices of a node's switch."""

    def test_interfaces(self):
        """Those of the overlay, by name; not bridges and tunnels."""
        rows = [["p2", ["map", [["iface-id", "uuid-2"], ["more", "x"]]]],
                ["br-int", ["map", []]], ["p1", ["map", [["iface-id", "uuid-1"]]]]]
        switch = SimpleNamespace(vsctl=lambda *arguments: json.dumps({"data": rows}))
        self.assertEqual(list(interfaces(switch).items()), [("p1", "uuid-1"), ("p2", "uuid-2")])


class External(unittest.TestCase):
    """What people open."""

    def test_order(self):
        """Load-balancer addresses come before external IPs; UDP is nothing to open."""
        service = {"spec": {"externalIPs": ["192.0.2.10"], "ports": [
            {"protocol": "TCP", "port": 80}, {"protocol": "UDP", "port": 53}]},
                   "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}}
        inner = {"spec": {"ports": [{"protocol": "TCP", "port": 6379}]}}
        api = SimpleNamespace(get=lambda path: {"items": [inner, service]})
        self.assertEqual(list(external(api)), [("192.0.2.7", 80), ("192.0.2.10", 80)])


if __name__ == "__main__":
    unittest.main()
