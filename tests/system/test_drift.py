"""Objects that another client deletes or edits are restored by the next audit, and the log
reports them."""

import json
import re
import unittest

import oracle
from rig import STATE, SystemTest, call, eventually

NS = "drift"
PROJECT = f"default-domain:{NS}"
PUBLIC = "default-domain:default-project:Public:Public"
_FOUND = "another client changed an owned object"


def application():
    """Two tiers: one has a Service with port mappings and an external IP, the other one uses it."""
    def deployment(tier, **labels):
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": tier, "namespace": NS},
                "spec": {"replicas": 2, "selector": {"matchLabels": {"name": tier}}, "template": {
                    "metadata": {"labels": dict(labels, name=tier)},
                    "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}}}

    def service(tier, **spec):
        return {"apiVersion": "v1", "kind": "Service",
                "metadata": {"name": tier, "namespace": NS, "labels": {"name": tier}},
                "spec": dict(spec, selector={"name": tier}, ports=[{"port": 80, "targetPort": 8080}])}
    return [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}},
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{NS}-empty"}},
            deployment("back"), deployment("front", uses="back"), service("back", externalIPs=["192.0.2.30"]),
            service("front")]


class _Application(SystemTest):
    """The application, with all its networks."""

    settings = oracle.Settings()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": application()})
        cls.cluster.kubectl("apply", "-f", "-", stdin=text)

    def setUp(self):
        super().setUp()
        self.untouched = oracle.baseline(self.api)
        self.start_controller()
        self.wait_ready()
        self.wait_pods(NS, 4)
        self.all_is_well()

    def complaints(self):
        """The complaints of the oracle."""
        return oracle.complaints(oracle.Snapshot(self.cluster.api), self.api, self.settings, self.untouched)

    def all_is_well(self):
        """Waits until Kubernetes is at rest, the oracle finds nothing amiss, and all objects are
        in sync."""
        found = []

        def good():
            found[:] = oracle.Snapshot(self.cluster.api).at_rest() and ["Kubernetes"] or self.complaints()
            return not found and self.settled()
        eventually(good, lambda: "\n  ".join(["as the oracle says:", *found, self.controller.output()[-3000:]]))


class Drift(_Application):
    """Audits are frequent. The controller is halted during a change, so that the oracle sees the
    change before it is undone."""

    # The log has one warning a minute for each object. The further differences are debug lines.
    more_config = "api-notifications: false\naudit-interval: 100ms\nlog-level: debug\n"

    def audits(self):
        """The starts of all audits, as sequence numbers of requests."""
        return [r["sequence"] for r in self.api.requests()
                if r["target"] == "/list-bulk-collection" and '"project"' in r["body"]]

    def get_object(self, kind, name):
        """An object with all fields."""
        return self.api.list(kind + "s")[name]

    def put(self, kind, name, **fields):
        """Writes fields of an object."""
        status, answer = call(f"{self.api.url}/{kind}/{self.get_object(kind, name)['uuid']}", {kind: fields}, "PUT")
        self.assertEqual(status, 200, (kind, name, answer))

    def delete(self, kind, name):
        """Deletes an object."""
        status, answer = call(f"{self.api.url}/{kind}/{self.get_object(kind, name)['uuid']}", method="DELETE")
        self.assertEqual(status, 200, (kind, name, answer))

    def drifts(self):
        """The metric knm_drift_total by type."""
        out = {}
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith("knm_drift_total{"):
                kind = re.search(r'type="([^"]+)"', line).group(1)
                out[kind] = out.get(kind, 0) + float(line.split()[-1])
        return out

    def is_restored(self, *damage):
        """Applies all (type, name, function that changes the object) at once. The oracle must
        see each change, an audit must undo it, and log and metrics must report it. Afterwards
        the controller writes nothing."""
        log, before = len(self.controller.output()), self.drifts()
        with self.controller.halted():
            for kind, name, change in damage:
                change()
            damaged, last = self.complaints(), self.api.requests()[-1]["sequence"]
            for kind, name, _ in damage:
                self.assertTrue([line for line in damaged if name in line or name.rsplit("_", 1)[-1] in line],
                                f"the oracle does not see the change of {kind} {name}: {damaged}")
        self.all_is_well()
        # The audit that ran meanwhile may have read the object before the change. The next one has
        # not.
        repairs = [r["sequence"] for r in self.api.writes() if r["sequence"] > last]
        self.assertLessEqual(len([a for a in self.audits() if last < a < min(repairs)]), 1)
        said = [line for line in self.controller.output()[log:].splitlines() if _FOUND in line]
        for kind, name, _ in damage:
            self.assertTrue([line for line in said if name in line],
                            f"the log does not report {kind} {name}: {said}")
        counted = self.drifts()
        for kind in {kind for kind, _, _ in damage}:
            self.assertGreaterEqual(counted.get(kind, 0) - before.get(kind, 0), len([k for k, _, _ in damage if k == kind]))
        self.writes_nothing_more()

    def writes_nothing_more(self):
        """Asserts that the controller writes nothing during several audits."""
        writes, audits = len(self.api.writes()), len(self.audits())
        eventually(lambda: len(self.audits()) >= audits + 4, "audits go on")
        self.assertEqual(self.api.writes()[writes:], [])

    def names(self):
        """The names of (a Pod of `back`, its UID, its Service's floating IP, its Service's
        external floating IP)."""
        pod = sorted(name for name in self.pods(NS) if name.startswith("back"))[0]
        return pod, self.pods(NS)[pod]["metadata"]["uid"], f"{PROJECT}:service-back:service-back:back", \
            f"{PUBLIC}:{NS}_back"

    def test_deleted_objects_are_created_again(self):
        """One object of each type is deleted, with all that depends on it."""
        pod, uid, cluster_ip, public = self.names()
        self.is_restored(*(
            (kind, name, lambda kind=kind, name=name: self.delete(kind, name)) for kind, name in (
                ("floating-ip", public), ("floating-ip", cluster_ip), ("instance-ip", f"{NS}_{pod}"),
                ("instance-ip", uid), ("virtual-machine-interface", f"{PROJECT}:{pod}"), ("virtual-machine", uid),
                ("floating-ip-pool", f"{PROJECT}:service-back:service-back"), ("virtual-network", f"{PROJECT}:service-back"),
                ("project", f"{PROJECT}-empty"))))

    def test_a_deleted_policy_is_created_again(self):
        """The policy is deleted, after it was detached from its networks."""
        policy = f"{PROJECT}:__svc_back"

        def delete():
            for name, network in self.api.list("virtual-networks").items():
                kept = [ref for ref in network.get("network_policy_refs", []) if ":".join(ref["to"]) != policy]
                if len(kept) != len(network.get("network_policy_refs", [])):
                    self.put("virtual-network", name, network_policy_refs=[
                        {"to": ref["to"], "attr": ref["attr"]} for ref in kept])
            self.delete("network-policy", policy)
        self.is_restored(("network-policy", policy, delete))

    def test_edited_fields_are_restored(self):
        """Each field that the controller writes is edited."""
        pod, uid, cluster_ip, public = self.names()
        interface = f"{PROJECT}:{pod}"
        other = {"to": f"{PROJECT}:{sorted(name for name in self.pods(NS) if name.startswith('front'))[0]}".split(":")}

        def edit(kind, name, **fields):
            return kind, name, lambda: self.put(kind, name, **fields)

        for damage in (
                # Members and other fields of addresses.
                (edit("floating-ip", cluster_ip, virtual_machine_interface_refs=[other]),
                 edit("floating-ip", public, virtual_machine_interface_refs=[]),
                 edit("floating-ip", f"{PROJECT}:service-front:service-front:front", floating_ip_traffic_direction="both")),
                (edit("floating-ip", cluster_ip, floating_ip_port_mappings={
                    "port_mappings": [{"protocol": "tcp", "src_port": 80, "dst_port": 22}]}),
                 edit("floating-ip", public, floating_ip_port_mappings_enable=False),
                 edit("floating-ip", f"{PROJECT}:service-front:service-front:front", project_refs=[])),
                # Interfaces and their addresses.
                (edit("virtual-machine-interface", interface, virtual_machine_interface_mac_addresses={
                    "mac_address": ["02:00:00:00:00:01"]}),
                 edit("instance-ip", f"{NS}_{pod}", instance_ip_mode="active-standby")),
                (edit("virtual-machine-interface", interface, virtual_machine_refs=[]),
                 edit("instance-ip", f"{NS}_{pod}", virtual_machine_interface_refs=[])),
                # Policies and their references.
                (edit("network-policy", f"{PROJECT}:__svc_back", network_policy_entries={"policy_rule": []}),
                 edit("virtual-network", f"{PROJECT}:front", network_policy_refs=[]))):
            with self.subTest(damage=[name for _, name, _ in damage]):
                self.is_restored(*damage)

    def test_an_edited_rule_is_restored(self):
        """The rule keeps its id, and denies."""
        policy = f"{PROJECT}:__svc_back"
        rules = self.get_object("network-policy", policy)["network_policy_entries"]["policy_rule"]
        rules[0]["action_list"]["simple_action"] = "deny"
        self.is_restored(("network-policy", policy, lambda: self.put(
            "network-policy", policy, network_policy_entries={"policy_rule": rules})))

    def test_a_removed_subnet_is_restored(self):
        """The network loses its subnets, after its floating IP was deleted."""
        _, _, cluster_ip, _ = self.names()
        network = f"{PROJECT}:service-back"
        self.is_restored(
            ("floating-ip", cluster_ip, lambda: self.delete("floating-ip", cluster_ip)),
            ("virtual-network", network,
             lambda: self.put("virtual-network", network, network_ipam_refs=[])))

    def test_edited_owner_annotations_are_restored(self):
        """One owner annotation is edited, on objects that are otherwise in sync."""
        def edit_owner(kind, name):
            uid = self.get_object(kind, name)["uuid"]
            status, answer = call(f"{self.api.url}/prop-collection-update", {"uuid": uid, "updates": [
                {"field": "annotations", "operation": "set", "value": {
                    "key": "opencontrail.org/object", "value": "somebody/else"}, "position": "opencontrail.org/object"}]},
                "POST")
            self.assertEqual(status, 200, answer)
        pod, _, cluster_ip, _ = self.names()
        self.is_restored(*((kind, name, lambda kind=kind, name=name: edit_owner(kind, name))
                           for kind, name in (
            ("floating-ip", cluster_ip), ("virtual-network", f"{PROJECT}:back"),
            ("virtual-machine-interface", f"{PROJECT}:{pod}"))))


class States(_Application):
    """The annotation that the node plugin reads. No audit runs during the test: the watch shows
    the change."""

    more_config = "audit-interval: 24h\n"
    policy = False  # this test writes the annotation itself

    def test_a_forged_or_removed_annotation_is_restored(self):
        """A forged or removed annotation is restored at once, and no object is written."""
        pod = sorted(self.pods(NS))[0]
        right = self.pods(NS)[pod]["metadata"]["annotations"][STATE]
        victim = self.pods(NS)[sorted(self.pods(NS))[1]]["metadata"]["annotations"][STATE]
        writes = len(self.api.writes())
        for wrong in (None, "", "not json", victim, right.replace("10.0", "10.9"), json.dumps({"uuid": "forged"})):
            with self.subTest(wrong=wrong):
                path = f"/api/v1/namespaces/{NS}/pods/{pod}"
                damaged = self.cluster.api.merge(path, {"metadata": {"annotations": {STATE: wrong}}})
                self.assertNotEqual(damaged["metadata"].get("annotations", {}).get(STATE), right)
                eventually(lambda: self.pods(NS)[pod]["metadata"].get("annotations", {}).get(STATE) == right, "repaired")
        self.assertEqual(self.api.writes()[writes:], [])
        self.all_is_well()


if __name__ == "__main__":
    unittest.main()
