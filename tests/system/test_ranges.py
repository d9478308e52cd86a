"""Ranges that change, and networks that outlive their Namespace, on a real control plane."""

import re
import unittest

from rig import SystemTest, call, eventually

NS = "ranges"
PUBLIC = "default-domain:default-project:Public"


def subnets(network):
    """The subnets of a network."""
    return {f"{subnet['subnet']['ip_prefix']}/{subnet['subnet']['ip_prefix_len']}"
            for ipam in network.get("network_ipam_refs", []) for subnet in ipam["attr"]["ipam_subnets"]}


def service(name, **spec):
    """A Service in the tier of its own name."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": NS, "labels": {"name": name}},
            "spec": {"selector": {"name": name}, "ports": [{"port": 80}], **spec}}


class Ranges(SystemTest):
    """The configuration changes between two runs of the controller."""

    def setUp(self):
        super().setUp()
        self.changes = {"api-notifications": "false", "audit-interval": "1s"}
        self.addCleanup(self.leave_namespace, NS)

    def write_config(self, text=None):
        """Writes the usual configuration, with the changed values."""
        path = super().write_config(text)
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file.read().splitlines() if line.split(":")[0] not in self.changes]
        lines += [f"{key}: {value}" for key, value in self.changes.items()]
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def restart(self, **changes):
        """Restarts the controller with changed values."""
        self.controller.stop()
        self.changes.update({key.replace("_", "-"): value for key, value in changes.items()})
        return self.start_controller()

    def bring_up(self, *objects):
        """Applies a Pod and other objects, and waits until the controller has nothing left to
        do."""
        self.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}}])
        eventually(lambda: "default" in self.cluster.kubectl("get", "serviceaccounts", "-n", NS), "a ServiceAccount")
        self.apply([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": NS,
                                                                     "labels": {"name": "web"}},
                     "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}, *objects])
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()

    def test_a_range_in_use_is_not_removed(self):
        """The program names the network and the remedy, and writes nothing."""
        self.bring_up(service("web"))
        self.controller.stop()
        before = len(self.api.writes())
        for key, value in (("private-ip-range", "10.1.0.0/16"), ("service-cluster-ip-range", "10.96.0.0/16")):
            self.changes = {key: value}
            self.assertNotEqual(self.start_controller().wait(), 0)
            self.assertRegex(self.controller.output(), f"default-domain:.*{re.escape(key)}.*list the former range after the new range")
        self.assertEqual(len(self.api.writes()), before)
        self.changes = {"service-cluster-ip-range": "[10.254.0.0/16, 10.96.0.0/16]"}
        self.start_controller()
        self.wait_ready()
        self.wait_quiet()
        self.assertEqual(subnets(self.api.list("virtual-networks")[f"default-domain:{NS}:service-web"]),
                         {"10.254.0.0/16", "10.96.0.0/16"})

    def test_a_former_public_range_is_removed_with_its_last_address(self):
        """The last address may belong to another client."""
        self.bring_up(service("web"))
        status, foreign = call(f"{self.api.url}/floating-ips", {"floating-ip": {
            "fq_name": [*PUBLIC.split(":"), "Public", "theirs"], "parent_type": "floating-ip-pool",
            "floating_ip_address": "192.0.2.77"}})
        self.assertEqual(status, 200)
        self.restart(public_ip_range="198.51.100.0/24")
        self.wait_ready()
        self.wait_quiet()

        def ranges():
            return subnets(self.api.list("virtual-networks")[PUBLIC])
        self.assertEqual(ranges(), {"192.0.2.0/24", "198.51.100.0/24"})
        _, state = self.get("/state")
        self.assertEqual(state["pending_ranges"],
                         [{"network": PUBLIC, "range": "192.0.2.0/24", "state": "cannot be removed yet"}])
        call(f"{self.api.url}/floating-ip/{foreign['floating-ip']['uuid']}", method="DELETE")
        eventually(lambda: ranges() == {"198.51.100.0/24"}, ranges)

    def test_the_network_of_a_cluster_service_outlives_its_namespace(self):
        """A new Namespace of the same name gets the project and the network again."""
        self.changes["cluster-service"] = f"[kube-system/default, {NS}/web]"
        self.bring_up(service("web"))
        project, network = f"default-domain:{NS}", f"default-domain:{NS}:service-web"

        def ids():
            return (self.api.list("projects")[project]["uuid"], self.api.list("virtual-networks")[network]["uuid"])
        before = ids()
        self.delete_namespace(NS)
        eventually(lambda: not any(name.startswith(project) for kind in ("floating-ips", "virtual-machine-interfaces",
                                                                         "network-policys", "floating-ip-pools")
                                   for name in self.api.list(kind)), "the other objects are gone")
        self.wait_quiet()
        self.assertEqual(ids(), before)
        _, state = self.get("/state")
        self.assertIn((f"{NS}/web", False), [(item["tier"], item["namespace_exists"]) for item in state["retained"]])
        self.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}}, service("web")])
        eventually(lambda: any(name.startswith(network) for name in self.api.list("floating-ips")),
                   "the new Service is in the retained network")
        self.wait_quiet()
        self.assertEqual(ids(), before)


if __name__ == "__main__":
    unittest.main()
