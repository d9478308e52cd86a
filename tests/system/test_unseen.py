"""Changes that no watch showed: what was made and deleted meanwhile, and what has another object of
its name in its place. A list shows only the end."""

import unittest

import oracle
from rig import ACCOUNT, STATE, SystemTest, eventually
from faults.http_proxy import KINDS
from faults.liar import Liar

NS, OTHER = "unseen", "unseen-other"


def pod(name, tier="web", namespace=NS):
    """A Pod of a tier."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace, "labels": {"name": tier}},
            "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}


def service(name, namespace=NS):
    """A Service of the tier `web`."""
    return {"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": name, "namespace": namespace, "labels": {"name": "web"}},
            "spec": {"selector": {"name": "web"}, "ports": [{"port": 80}]}}


class Unseen(SystemTest):
    """The controller's proxy hides the events of all kinds, and then makes it list."""

    def setUp(self):
        super().setUp()
        self.untouched = oracle.baseline(self.api)
        self.liar = Liar(self.cluster.server, self.cluster.ca_file)
        self.addCleanup(self.liar.stop)
        self.liar.write_kubeconfig(self.path("through"), self.cluster, ACCOUNT)
        for namespace in (NS, OTHER):
            self.addCleanup(self.leave_namespace, namespace)
            self.make_namespace(namespace)
        self.apply([*(pod(name) for name in ("stays", "gone", "again", "moves")), pod("web", namespace=OTHER),
                    service("front"), service("front", OTHER)])
        self.start_controller(kubeconfig=self.path("through"))
        self.wait_ready()
        self.wait_pods(NS, 4)
        self.wait_pods(OTHER, 1)
        self.wait_backends(NS, 4)
        self.wait_quiet()

    def delete(self, kind, name):
        """Deletes an object and waits until it is gone."""
        self.cluster.kubectl("delete", kind, name, "-n", NS, "--now")

    def change_unseen(self):
        """All that no watch shows."""
        self.delete("pod", "gone")
        self.delete("pod", "again")
        self.delete("service", "front")
        self.delete_namespace(OTHER)
        self.make_namespace(OTHER)
        self.apply([pod("brief", "short"), pod("again"), pod("late"), service("front"), service("brief"),
                    pod("web", namespace=OTHER), service("front", OTHER)])
        for tier in ("api", "web", "api"):
            self.cluster.kubectl("label", "pod", "moves", "-n", NS, "--overwrite", f"name={tier}")
        self.delete("pod", "brief")
        self.delete("service", "brief")

    def list_again(self, kind):
        """Makes the controller list a kind."""
        listed = self.liar.listed[kind]
        self.liar.relist(kind)
        eventually(lambda: self.liar.listed[kind] > listed, self.controller.output)

    def uuids(self, name):
        """The uuids of the objects of a Pod: kind → uuid."""
        return {kind: {item["uuid"] for key, item in self.api.list(kind).items() if name in key}
                for kind in ("virtual-machine-interfaces", "instance-ips")}

    def test_the_final_state_is_reached(self):
        """Namespaces are listed first."""
        self.live_through(["namespaces", "pods", "services", "endpointslices"])

    def test_namespaces_may_be_listed_last(self):
        """What was made for a new Pod lies in the project of the former Namespace at first."""
        self.live_through(["pods", "services", "endpointslices", "namespaces"])

    def live_through(self, order):
        """Hides all events, changes much, and then makes the controller list the kinds in an order."""
        stays, writes = self.uuids("stays"), len(self.api.writes())
        self.assertEqual([len(uuids) for uuids in stays.values()], [1, 1], stays)
        for kind in KINDS:
            self.liar.blind(kind)
        hidden = dict(self.liar.hidden)
        self.change_unseen()
        for kind in KINDS:
            eventually(lambda kind=kind: self.liar.hidden[kind] > hidden[kind], f"hidden events of {kind}")
        self.assertEqual(self.api.writes()[writes:], [])
        self.assertNotIn(STATE, self.pods(NS)["late"]["metadata"].get("annotations", {}))
        for kind in order:
            self.list_again(kind)
        self.wait_pods(NS, 4)
        self.wait_pods(OTHER, 1)
        self.wait_quiet()
        eventually(lambda: not self.complaints(), lambda: f"{self.complaints()}\n{self.controller.output()[-4000:]}")
        self.assertEqual(self.uuids("stays"), stays)
        self.assertEqual([write for write in self.api.writes() if "brief" in write["body"] or "short" in write["body"]], [])

    def complaints(self):
        """The complaints of the oracle."""
        return oracle.complaints(oracle.Snapshot(self.cluster.api), self.api, oracle.Settings(), self.untouched)


if __name__ == "__main__":
    unittest.main()
