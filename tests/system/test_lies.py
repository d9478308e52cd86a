"""The API server answers 410 to a watch and then lists a kind as empty. The controller deletes
nothing."""

import unittest

from rig import ACCOUNT, SystemTest, eventually
from faults.liar import Liar

NS = "lied-about"
TIERS = 4
KINDS = ("namespaces", "pods", "services", "endpointslices")


def tier(number, replicas):
    """A Deployment behind a Service, whose Pods use the next tier."""
    name = f"tier-{number}"
    labels = {"name": name}
    uses = {"uses": f"tier-{(number + 1) % TIERS}"}
    return [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": NS},
         "spec": {"replicas": replicas, "selector": {"matchLabels": labels},
                  "template": {"metadata": {"labels": labels, "annotations": uses},
                               "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": NS, "labels": labels},
         "spec": {"selector": labels, "ports": [{"port": 80}]}}]


class Lies(SystemTest):
    """One false list of few Pods is detected. The objects of two false lists of very many Pods
    are withheld."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.leave_namespace, NS)
        self.make_namespace(NS)
        self.liar = Liar(self.cluster.server, self.cluster.ca_file)
        self.addCleanup(self.liar.stop)

    def bring_up(self, pods, *arguments):
        """Starts the controller behind the proxy, with this number of Pods."""
        for number in range(TIERS):
            self.apply(tier(number, pods // TIERS))
        self.liar.write_kubeconfig(self.path("through"), self.cluster, ACCOUNT)
        self.start_controller(*arguments, kubeconfig=self.path("through"))
        self.wait_ready()
        self.wait_pods(NS, pods)  # a Pod is Ready once it has its network
        self.wait_backends(NS, pods)
        self.wait_quiet()

    def metric(self, series):
        """The value of a metric; None if the metric does not exist."""
        lines = [line for line in str(self.get("/metrics")[1]).splitlines() if line.startswith(series + " ")]
        return float(lines[0].split()[-1]) if lines else None

    def is_as_before(self, before, writes, kind):
        """Asserts that no object was deleted or changed."""
        self.wait_quiet()
        self.assertEqual([r for r in self.api.writes()[writes:] if r["method"] == "DELETE"], [], kind)
        self.assertEqual(self.api.dump(), before, kind)

    def test_one_empty_list_deletes_nothing(self):
        """Each kind is listed as empty once, with forty Pods."""
        self.bring_up(40)
        for kind in KINDS:
            before, writes = self.api.dump(), len(self.api.writes())
            self.liar.lie(kind)
            said = f"the list of {kind} does not have many of the cached objects"
            eventually(lambda kind=kind: self.liar.told[kind] == 1, self.controller.output)
            eventually(lambda said=said: said in self.controller.output(), self.controller.output)
            eventually(lambda: self.metric("knm_mass_delete_guard") == 0, self.controller.output)
            self.is_as_before(before, writes, kind)

    def test_objects_missing_from_two_lists_are_withheld(self):
        """The objects are withheld until a list shows them again."""
        self.bring_up(120)
        for kind in ("pods", "endpointslices"):
            before, writes = self.api.dump(), len(self.api.writes())
            told = self.liar.told[kind]
            self.liar.lie(kind, times=2)
            eventually(lambda kind=kind, told=told: self.liar.told[kind] == told + 2, self.controller.output)
            eventually(lambda kind=kind: self.metric(f'knm_withheld_objects{{resource="{kind}"}}') > 0,
                       self.controller.output)
            self.assertEqual(self.metric("knm_mass_delete_guard"), 1)
            self.assertIn("guard", self.get("/state")[1])
            self.is_as_before(before, writes, kind)
            self.liar.lie(kind, times=0)
            eventually(lambda: self.metric("knm_mass_delete_guard") == 0, self.controller.output)
            self.is_as_before(before, writes, kind)


if __name__ == "__main__":
    unittest.main()
