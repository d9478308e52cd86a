"""What labels say about connections, computed from Kubernetes objects in memory."""

import unittest
from ipaddress import ip_address

import paths  # extends sys.path
from kubernetes_objects import KubernetesObjects
from matrix.expectation import EVERY_POD, Expectation
from matrix.flow import OUTSIDE
from oracle.cluster import Snapshot
from oracle.settings import Settings

_OUTSIDE = ip_address("203.0.113.254")


def shop():
    """web uses api; two api Pods, one of them not ready; no tier uses web."""
    cluster = KubernetesObjects()
    cluster.pod("web-0", "10.0.0.10", "web", "api")
    cluster.pod("web-1", "10.0.0.11", "web")
    cluster.pod("api-0", "10.0.0.20", "api")
    cluster.pod("api-1", "10.0.0.21", "api")
    cluster.pod("dns-0", "10.0.0.53", namespace="kube-system")
    cluster.service("web", "10.254.0.1", [("TCP", 80, 8080)], {"web-0": True, "web-1": True},
                    "web", external=["192.0.2.10"])
    cluster.service("api", "10.254.0.2", [("TCP", 9000, 9000)], {"api-0": True, "api-1": False},
                    "api")
    cluster.service("dns", "10.254.0.53", [("UDP", 53, 53)], {"dns-0": True},
                    namespace="kube-system")
    return cluster


class Labels(unittest.TestCase):
    """Each test asks for the expected answerers of some connections."""

    def expect(self, cluster, **settings):
        """Computes all."""
        self.found = Expectation(Snapshot(cluster), Settings(**settings), [_OUTSIDE])

    def answerers(self, source, target, protocol=None, address=None, port=None):
        """Who may answer on the connections that match; all must say the same."""
        said = {names for flow, names in self.found.flows.items()
                if (flow.source, flow.target) == (source, target)
                and protocol in (None, flow.protocol) and port in (None, flow.port)
                and address in (None, str(flow.address))}
        self.assertEqual(len(said), 1, f"{source} → {target}: {said}")
        return set(said.pop())

    def test_uses(self):
        """One Pod of a tier that uses a Service's tier opens it to the whole tier, one way."""
        self.expect(shop())
        for source in ("shop/web-0", "shop/web-1"):
            self.assertEqual(self.answerers(source, "Service shop/api", "tcp"), {"shop/api-0"})
            self.assertEqual(self.answerers(source, "shop/api-0"), set())
        self.assertEqual(self.answerers("shop/api-0", "Service shop/web"), set())
        self.assertEqual(self.answerers("shop/api-0", "Service shop/api"), set())

    def test_inside_of_a_tier(self):
        """Pods of a tier reach each other at every port; a Pod does not try itself."""
        self.expect(shop())
        self.assertEqual(self.answerers("shop/web-0", "shop/web-1"), {"shop/web-1"})
        self.assertFalse(any(flow.source == flow.target for flow in self.found.flows))
        tried = {(flow.protocol, flow.port) for flow in self.found.flows
                 if (flow.source, flow.target) == ("shop/web-0", "shop/web-1")}
        self.assertEqual(tried, {("icmp", 0), ("tcp", 8080), ("tcp", EVERY_POD),
                                 ("udp", EVERY_POD)})

    def test_cluster_service(self):
        """Every Pod reaches it, in every Namespace; the outside does not."""
        self.expect(shop())
        for source in ("shop/web-0", "shop/api-1", "kube-system/dns-0"):
            self.assertEqual(self.answerers(source, "Service kube-system/dns"),
                             {"kube-system/dns-0"})
        self.assertEqual(self.answerers(OUTSIDE, "Service kube-system/dns"), set())
        self.expect(shop(), cluster_services=())
        self.assertEqual(self.answerers("shop/web-0", "Service kube-system/dns"), set())

    def test_external_address(self):
        """It is open to the outside, and closed to Pods."""
        self.expect(shop())
        name = "Service shop/web external"
        self.assertEqual(self.answerers(OUTSIDE, name, "tcp", "192.0.2.10", 80),
                         {"shop/web-0", "shop/web-1"})
        self.assertEqual(self.answerers("shop/api-0", name), set())
        self.assertEqual(self.answerers(OUTSIDE, "Service shop/web"), set())
        self.assertEqual(self.answerers(OUTSIDE, "shop/web-0"), set())

    def test_refused_addresses(self):
        """What is out of the ranges, or another Service has, is not tried."""
        cluster = shop()
        cluster.service("younger", "10.250.0.1", [("TCP", 1, 1)], {}, "younger",
                        external=["198.51.100.1", "192.0.2.10"])
        self.expect(cluster)
        self.assertFalse(any("shop/younger" in flow.target for flow in self.found.flows))
        self.assertEqual(self.answerers(OUTSIDE, "Service shop/web external"),
                         {"shop/web-0", "shop/web-1"})

    def test_public_network_as_global_network(self):
        """Pods reach external addresses and the outside; the outside reaches no Pod."""
        self.expect(shop(), global_networks=("default-domain:default-project:Public",))
        self.assertEqual(self.answerers("shop/api-0", OUTSIDE), {OUTSIDE})
        self.assertEqual(self.answerers("shop/api-0", "Service shop/web external"),
                         {"shop/web-0", "shop/web-1"})
        self.assertEqual(self.answerers(OUTSIDE, "shop/api-0"), set())
        self.expect(shop())
        self.assertEqual(self.answerers("shop/api-0", OUTSIDE), set())

    def test_headless(self):
        """A headless Service has no address: its users and the tier of its Pods are connected."""
        cluster = shop()
        cluster.pod("db-0", "10.0.0.30", "db")
        cluster.pod("job-0", "10.0.0.40", "job", "db")
        cluster.service("db", None, [("TCP", 5432, 5432)], {"db-0": True}, "db")
        self.expect(cluster)
        self.assertEqual(self.answerers("shop/job-0", "shop/db-0"), {"shop/db-0"})
        self.assertEqual(self.answerers("shop/db-0", "shop/job-0"), {"shop/job-0"})
        self.assertEqual(self.answerers("shop/web-0", "shop/db-0"), set())
        self.assertFalse(any(flow.target == "Service shop/db" for flow in self.found.flows))

    def test_no_backend(self):
        """The address of a Service without a Ready Pod is closed to every source."""
        cluster = shop()
        cluster.pod("job-0", "10.0.0.40", "job", "empty")
        cluster.service("empty", "10.254.0.9", [("TCP", 1, 1)], {}, "empty")
        self.expect(cluster)
        self.assertEqual(self.answerers("shop/job-0", "Service shop/empty"), set())

    def test_listening(self):
        """A Pod listens at the targets of its Services, ready or not, and where every Pod does."""
        self.expect(shop())
        everywhere = {("tcp", EVERY_POD), ("udp", EVERY_POD)}
        self.assertEqual(self.found.ports["shop/web-0"], {("tcp", 8080)} | everywhere)
        self.assertEqual(self.found.ports["shop/api-1"], {("tcp", 9000)} | everywhere)
        self.assertEqual(self.found.ports["kube-system/dns-0"], {("udp", 53)} | everywhere)

    def test_who_has_no_network(self):
        """Pods of the node's network and Pods that are over are no part of it."""
        cluster = shop()
        cluster.pod("agent-0", "198.51.100.11", hostNetwork=True)
        cluster.pod("job-0", "10.0.0.40", "job")["status"]["phase"] = "Succeeded"
        cluster.pod("new-0", [], "web")
        self.expect(cluster)
        self.assertFalse({"shop/agent-0", "shop/job-0", "shop/new-0"} & self.found.pods.keys())

    def test_families(self):
        """A Pod tries the addresses of its own families."""
        cluster = shop()
        cluster.pod("six-0", ["10.0.0.60", "fd00:10::60"], "web")
        cluster.pod("six-1", ["10.0.0.61", "fd00:10::61"], "web")
        self.expect(cluster, private_ranges=("10.0.0.0/16", "fd00:10::/64"))
        for source, families in (("shop/six-0", {4, 6}), ("shop/web-0", {4})):
            self.assertEqual({flow.address.version for flow in self.found.flows
                              if (flow.source, flow.target) == (source, "shop/six-1")}, families)


if __name__ == "__main__":
    unittest.main()
