"""The protections against deletions by mistake, on a real control plane."""

import json
import unittest

from rig import STATE, SystemTest, call, eventually

NS = "careful"
PROJECT = f"default-domain:{NS}"
OTHER = "11111111-2222-4333-8444-555555555555"  # the UID of kube-system in another cluster
OWNER = "opencontrail.org/owner"


def pod(name, namespace=NS):
    """A Pod of the tier `web`."""
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": {"name": "web"}},
            "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}


class Safety(SystemTest):
    """A Namespace with three Pods, and frequent audits."""

    def setUp(self):
        super().setUp()
        self.keys = {"api-notifications": "false", "audit-interval": "200ms"}
        self.addCleanup(self.leave_namespace, NS)
        self.make_namespace(NS)
        self.apply([pod("web-0"), pod("web-1"), pod("web-2")])
        self.uid = self.cluster.api.get("/api/v1/namespaces/kube-system")["metadata"]["uid"]

    def write_config(self, text=None):
        """Writes the usual configuration, with the keys of this test."""
        path = super().write_config(text)
        with open(path, "a", encoding="utf-8") as file:
            file.writelines(f"{key}: {value}\n" for key, value in self.keys.items())
        return path

    def bring_up(self, *arguments):
        """Starts the controller and waits until it has nothing left to do."""
        self.start_controller(*arguments)
        self.wait_ready()
        self.wait_quiet()

    def owner_annotations(self, kind, uid, of, owner):
        """The owner annotations of an object."""
        keys = {"owner": owner, "kind": kind, "uid": uid, "object": of}
        return {"key_value_pair": [{"key": f"opencontrail.org/{key}", "value": value} for key, value in keys.items()]}

    def create(self, kind, name, parent, **fields):
        """Creates an object as another client does."""
        status, answer = call(f"{self.api.url}/{kind}s", {
            kind: {"fq_name": name.split(":"), "parent_type": parent, **fields}})
        self.assertEqual(status, 200, answer)

    def annotate(self, kind, name, key, value):
        """Writes one annotation of an object."""
        uuid = self.api.list(kind + "s")[name]["uuid"]
        status, answer = call(f"{self.api.url}/prop-collection-update", {"uuid": uuid, "updates": [
            {"field": "annotations", "operation": "set", "value": {"key": key, "value": value}, "position": key}]})
        self.assertEqual(status, 200, answer)

    def owners(self):
        """The owners in all owner annotations, and the users of shared objects."""
        return {pair["value"] for objects in self.api.dump().values() for item in objects.values()
                for pair in item.get("annotations", {}).get("key_value_pair", [])
                if pair["key"] == OWNER or pair["key"].startswith("opencontrail.org/user.")}

    def dump_of(self, project):
        """A project and the objects in it."""
        return {name: item for objects in self.api.dump().values() for name, item in objects.items()
                if f"{name}:".startswith(f"{project}:")}

    def metric(self, series):
        """The value of a metric; None if the metric does not exist."""
        lines = [line for line in str(self.get("/metrics")[1]).splitlines() if line.startswith(series + " ")]
        return float(lines[0].split()[-1]) if lines else None

    def audits(self):
        """The number of audits that have started."""
        return len([r for r in self.api.requests()
                    if r["target"] == "/list-bulk-collection" and '"project"' in r["body"]])

    def wait_audits(self):
        """Waits until at least three more audits have ended."""
        before = self.audits()
        eventually(lambda: self.audits() >= before + 4, lambda: f"audits go on:\n{self.controller.output()[-3000:]}")

    def is_refused(self, *arguments):
        """Asserts that the controller exits with code 3, names the reason, and writes nothing."""
        writes = len(self.api.writes())
        self.assertEqual(self.start_controller(*arguments).wait(), 3, self.controller.output())
        said = self.controller.output().strip().splitlines()[-1]
        for words in ("another cluster with the cluster-name kubernetes", self.uid, OTHER, "--take-over", "cluster-name"):
            self.assertIn(words, said)
        self.assertEqual(len(self.api.writes()), writes)

    def test_a_duplicate_cluster_name_is_refused(self):
        """The option --take-over lets one start through."""
        foreign = "default-domain:theirs"
        self.create("project", foreign, "domain", uuid="99999999-2222-4333-8444-555555555555",
                    annotations=self.owner_annotations(
            "Namespace", "99999999-2222-4333-8444-555555555555", "theirs", f"kubernetes/{OTHER}"))
        self.is_refused()
        self.assertNotIn(STATE, self.pods(NS)["web-0"]["metadata"].get("annotations", {}))
        self.is_refused("--allow-mass-delete")

        self.bring_up("--take-over")
        self.assertNotIn(foreign, self.api.list("projects"))
        self.assertIn(PROJECT, self.api.list("projects"))
        self.assertNotIn(OTHER, " ".join(self.owners()))
        self.assertEqual(self.controller.stop(), 0)
        self.bring_up()
        self.assertEqual(self.controller.stop(), 0)

    def test_a_rebuilt_cluster_takes_over_what_it_had(self):
        """Objects of the same Kubernetes objects keep their ids. Only their owner annotations
        are written."""
        self.bring_up()
        self.assertEqual(self.controller.stop(), 0)
        before = self.api.dump()
        for kind in ("project", "virtual-network", "virtual-machine", "virtual-machine-interface", "instance-ip"):
            for name, item in self.api.list(kind + "s").items():
                for pair in item.get("annotations", {}).get("key_value_pair", []):
                    if pair["value"] in (f"kubernetes/{self.uid}", self.uid) and pair["key"] in (
                            OWNER, "opencontrail.org/user.kubernetes"):
                        self.annotate(kind, name, pair["key"], pair["value"].replace(self.uid, OTHER))
        self.assertNotEqual(self.api.dump(), before)
        self.is_refused()
        writes = len(self.api.writes())
        self.bring_up("--take-over")
        self.assertEqual([r for r in self.api.writes()[writes:] if r["target"] != "/prop-collection-update"], [])
        self.assertEqual({kind: {name: item["uuid"] for name, item in found.items()} for kind, found in before.items()},
                         {kind: {name: item["uuid"] for name, item in found.items()}
                          for kind, found in self.api.dump().items()})
        self.assertNotIn(OTHER, " ".join(self.owners()))

    def test_a_running_controller_ends_when_another_takes_over(self):
        """An audit detects the other cluster, and the controller exits."""
        self.bring_up()
        self.annotate("project", PROJECT, OWNER, f"kubernetes/{OTHER}")
        self.assertEqual(self.controller.wait(), 3)
        self.assertIn(OTHER, self.controller.output())

    def test_the_guard_holds_a_mass_deletion(self):
        """A start that would delete the networks of too many Pods deletes nothing, until a
        person allows it."""
        self.keys |= {"mass-delete-limit": 2, "mass-delete-fraction": "50%"}
        self.bring_up()
        self.assertEqual(self.metric("knm_mass_delete_guard"), 0)
        self.assertEqual(self.controller.stop(), 0)
        interfaces, before = {f"{PROJECT}:web-{i}" for i in range(3)}, self.dump_of(PROJECT)
        self.assertLess(interfaces, set(before))
        self.delete_namespace(NS)
        writes = len(self.api.writes())
        self.start_controller()
        self.wait_ready()
        eventually(lambda: self.metric("knm_mass_delete_guard") == 1, self.controller.output)
        self.wait_audits()
        self.assertEqual(self.metric("knm_mass_delete_guard"), 1)
        self.assertEqual([r for r in self.api.writes()[writes:] if r["method"] == "DELETE"], [])
        self.assertEqual(self.dump_of(PROJECT), before)
        self.assertIn("--allow-mass-delete", self.controller.output())
        _, state = self.get("/state?full")
        held = {item["name"]: item.get("held_because", "") for item in state["out_of_sync"]}
        for name in interfaces:
            self.assertIn("--allow-mass-delete", held[name])
        # Other work continues. A deletion that the watch shows is carried out.
        elsewhere = f"{NS}-elsewhere"
        self.addCleanup(self.leave_namespace, elsewhere)
        self.make_namespace(elsewhere)
        self.apply([pod("web-0", elsewhere), pod("web-1", elsewhere)])

        def others():
            return sorted(name for name in self.api.list("virtual-machine-interfaces") if elsewhere in name)
        eventually(lambda: len(others()) == 2, self.controller.output)
        self.cluster.kubectl("delete", "pod", "web-1", "-n", elsewhere, "--wait=true")
        eventually(lambda: others() == [f"{PROJECT}-elsewhere:web-0"], self.controller.output)
        self.assertEqual(self.metric("knm_mass_delete_guard"), 1)
        self.assertEqual(self.controller.stop(), 0)

        self.bring_up("--allow-mass-delete")
        self.assertEqual(self.metric("knm_mass_delete_guard"), 0)
        self.assertFalse(interfaces & set(self.api.list("virtual-machine-interfaces")))
        self.assertEqual(others(), [f"{PROJECT}-elsewhere:web-0"])

    def test_an_orphan_is_deleted_after_the_grace_time(self):
        """An owned object that no rule explains is reported. It is deleted after the grace time."""
        self.keys["orphan-grace"] = "1h"
        self.bring_up()
        orphan = f"{PROJECT}:gadget"
        self.create("virtual-network", orphan, "project",
                    annotations=self.owner_annotations("Gadget", "1", f"{NS}/web-0",
                                                       f"kubernetes/{self.uid}"))
        eventually(lambda: self.metric('knm_held_deletions{reason="unexplained"}') == 1, self.controller.output)
        self.wait_audits()
        self.assertIn(orphan, self.api.list("virtual-networks"))
        self.assertIn("orphan-grace (60m)", self.controller.output())
        _, state = self.get("/state?full")
        self.assertIn(orphan, [item["name"] for item in state["out_of_sync"] if "orphan-grace" in item.get("held_because", "")])

        def reasons():
            items = json.loads(self.cluster.kubectl("get", "events.events.k8s.io", "-n", NS, "-o", "json"))["items"]
            return [event["reason"] for event in items if event["regarding"]["name"] == "web-0"]
        eventually(lambda: "UnexplainedObject" in reasons(), reasons)
        self.assertEqual(self.controller.stop(), 0)
        self.keys["orphan-grace"] = "1s"
        self.bring_up()
        eventually(lambda: orphan not in self.api.list("virtual-networks"), self.controller.output)
        self.wait_quiet()
        self.assertEqual(self.metric('knm_held_deletions{reason="unexplained"}'), 0)

    def test_read_only_writes_nothing(self):
        """The controller reports what it would do, and writes to neither API."""
        self.start_controller("--read-only")
        self.wait_ready()
        self.wait_audits()
        _, state = self.get("/state?full")
        self.assertIn(PROJECT, [item["name"] for item in state["out_of_sync"]])
        self.assertEqual(self.api.writes(), [])
        self.assertFalse([name for name, item in self.pods(NS).items() if STATE in item["metadata"].get("annotations", {})])
        self.assertEqual(self.controller.stop(), 0)
        self.bring_up()
        self.assertEqual(len([name for name in self.api.list("virtual-machine-interfaces") if name.startswith(PROJECT)]), 3)


if __name__ == "__main__":
    unittest.main()
