"""What somebody deletes or edits under the controller comes back within one audit, and the log says so."""

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
    """Two tiers, one with a Service that has mappings and an external IP, and one that uses it."""
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
    """The application, and all its networks."""

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
        """What the oracle says."""
        return oracle.complaints(oracle.Snapshot(self.cluster.api), self.api, self.settings, self.untouched)

    def all_is_well(self):
        """Until everything is as it must be."""
        found = []

        def good():
            found[:] = oracle.Snapshot(self.cluster.api).at_rest() and ["Kubernetes"] or self.complaints()
            return not found and self.settled()
        eventually(good, lambda: "\n  ".join(["as the oracle says:", *found, self.controller.output()[-3000:]]))


class Drift(_Application):
    """With frequent audits. What is changed is changed while the controller is halted, so that it cannot be put right
    before it was seen."""

    # Of one object the log has one warning a minute; what differs in between is in lines of debug.
    more_config = "audit-interval: 100ms\nlog-level: debug\n"

    def audits(self):
        """When one began, as numbers of requests."""
        return [r["sequence"] for r in self.api.requests()
                if r["target"] == "/list-bulk-collection" and '"project"' in r["body"]]

    def get_object(self, kind, name):
        """One object, in detail."""
        return self.api.list(kind + "s")[name]

    def put(self, kind, name, **fields):
        """Writes these fields of an object."""
        status, answer = call(f"{self.api.url}/{kind}/{self.get_object(kind, name)['uuid']}", {kind: fields}, "PUT")
        self.assertEqual(status, 200, (kind, name, answer))

    def delete(self, kind, name):
        """Takes an object away."""
        status, answer = call(f"{self.api.url}/{kind}/{self.get_object(kind, name)['uuid']}", method="DELETE")
        self.assertEqual(status, 200, (kind, name, answer))

    def drifts(self):
        """How often it was said of a type that one was changed, as metrics count it."""
        out = {}
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith("knm_drift_total{"):
                kind = re.search(r'type="([^"]+)"', line).group(1)
                out[kind] = out.get(kind, 0) + float(line.split()[-1])
        return out

    def comes_back(self, *damage):
        """(type, name, function that does it)s, all at once: seen by the oracle, put right within an audit, and
        said; then silence."""
        log, before = len(self.controller.output()), self.drifts()
        with self.controller.halted():
            for kind, name, change in damage:
                change()
            damaged, last = self.complaints(), self.api.requests()[-1]["sequence"]
            for kind, name, _ in damage:
                self.assertTrue([line for line in damaged if name in line or name.rsplit("_", 1)[-1] in line],
                                f"the oracle does not see what was done to {kind} {name}: {damaged}")
        self.all_is_well()
        # The audit that was under way may have read it before; the next one has not.
        repairs = [r["sequence"] for r in self.api.writes() if r["sequence"] > last]
        self.assertLessEqual(len([a for a in self.audits() if last < a < min(repairs)]), 1)
        said = [line for line in self.controller.output()[log:].splitlines() if _FOUND in line]
        for kind, name, _ in damage:
            self.assertTrue([line for line in said if name in line], f"nothing was said of {kind} {name}: {said}")
        counted = self.drifts()
        for kind in {kind for kind, _, _ in damage}:
            self.assertGreaterEqual(counted.get(kind, 0) - before.get(kind, 0), len([k for k, _, _ in damage if k == kind]))
        self.nothing_more()

    def nothing_more(self):
        """No write while several audits pass."""
        writes, audits = len(self.api.writes()), len(self.audits())
        eventually(lambda: len(self.audits()) >= audits + 4, "audits go on")
        self.assertEqual(self.api.writes()[writes:], [])

    def names(self):
        """(a pod of `back`, its UID, its two addresses at the Service)."""
        pod = sorted(name for name in self.pods(NS) if name.startswith("back"))[0]
        return pod, self.pods(NS)[pod]["metadata"]["uid"], f"{PROJECT}:service-back:service-back:back", \
            f"{PUBLIC}:{NS}_back"

    def test_deleted(self):
        """One of each type, with what hangs on it."""
        pod, uid, cluster_ip, public = self.names()
        self.comes_back(*(
            (kind, name, lambda kind=kind, name=name: self.delete(kind, name)) for kind, name in (
                ("floating-ip", public), ("floating-ip", cluster_ip), ("instance-ip", f"{NS}_{pod}"),
                ("instance-ip", uid), ("virtual-machine-interface", f"{PROJECT}:{pod}"), ("virtual-machine", uid),
                ("floating-ip-pool", f"{PROJECT}:service-back:service-back"), ("virtual-network", f"{PROJECT}:service-back"),
                ("project", f"{PROJECT}-empty"))))

    def test_deleted_policy(self):
        """Which must be let go first."""
        policy = f"{PROJECT}:__svc_back"

        def delete():
            for name, network in self.api.list("virtual-networks").items():
                kept = [ref for ref in network.get("network_policy_refs", []) if ":".join(ref["to"]) != policy]
                if len(kept) != len(network.get("network_policy_refs", [])):
                    self.put("virtual-network", name, network_policy_refs=[
                        {"to": ref["to"], "attr": ref["attr"]} for ref in kept])
            self.delete("network-policy", policy)
        self.comes_back(("network-policy", policy, delete))

    def test_edited(self):
        """Field by field."""
        pod, uid, cluster_ip, public = self.names()
        interface = f"{PROJECT}:{pod}"
        stranger = {"to": f"{PROJECT}:{sorted(name for name in self.pods(NS) if name.startswith('front'))[0]}".split(":")}

        def edit(kind, name, **fields):
            return kind, name, lambda: self.put(kind, name, **fields)

        for damage in (
                # Members: one too many, none; and what else an address says.
                (edit("floating-ip", cluster_ip, virtual_machine_interface_refs=[stranger]),
                 edit("floating-ip", public, virtual_machine_interface_refs=[]),
                 edit("floating-ip", f"{PROJECT}:service-front:service-front:front", floating_ip_traffic_direction="both")),
                (edit("floating-ip", cluster_ip, floating_ip_port_mappings={
                    "port_mappings": [{"protocol": "tcp", "src_port": 80, "dst_port": 22}]}),
                 edit("floating-ip", public, floating_ip_port_mappings_enable=False),
                 edit("floating-ip", f"{PROJECT}:service-front:service-front:front", project_refs=[])),
                # Interfaces and addresses.
                (edit("virtual-machine-interface", interface, virtual_machine_interface_mac_addresses={
                    "mac_address": ["02:00:00:00:00:01"]}),
                 edit("instance-ip", f"{NS}_{pod}", instance_ip_mode="active-standby")),
                (edit("virtual-machine-interface", interface, virtual_machine_refs=[]),
                 edit("instance-ip", f"{NS}_{pod}", virtual_machine_interface_refs=[])),
                # Access.
                (edit("network-policy", f"{PROJECT}:__svc_back", network_policy_entries={"policy_rule": []}),
                 edit("virtual-network", f"{PROJECT}:front", network_policy_refs=[]))):
            with self.subTest(damage=[name for _, name, _ in damage]):
                self.comes_back(*damage)

    def test_edited_rule(self):
        """Turned around, under its own id."""
        policy = f"{PROJECT}:__svc_back"
        rules = self.get_object("network-policy", policy)["network_policy_entries"]["policy_rule"]
        rules[0]["action_list"]["simple_action"] = "deny"
        self.comes_back(("network-policy", policy, lambda: self.put(
            "network-policy", policy, network_policy_entries={"policy_rule": rules})))

    def test_edited_subnet(self):
        """Which nobody may use then."""
        _, _, cluster_ip, _ = self.names()
        network = f"{PROJECT}:service-back"
        self.comes_back(("floating-ip", cluster_ip, lambda: self.delete("floating-ip", cluster_ip)),
                        ("virtual-network", network, lambda: self.put("virtual-network", network, network_ipam_refs=[])))

    def test_edited_mark(self):
        """One key of it, and of an object with everything else in place."""
        def unmark(kind, name):
            uid = self.get_object(kind, name)["uuid"]
            status, answer = call(f"{self.api.url}/prop-collection-update", {"uuid": uid, "updates": [
                {"field": "annotations", "operation": "set", "value": {
                    "key": "opencontrail.org/object", "value": "somebody/else"}, "position": "opencontrail.org/object"}]},
                "POST")
            self.assertEqual(status, 200, answer)
        pod, _, cluster_ip, _ = self.names()
        self.comes_back(*((kind, name, lambda kind=kind, name=name: unmark(kind, name)) for kind, name in (
            ("floating-ip", cluster_ip), ("virtual-network", f"{PROJECT}:back"),
            ("virtual-machine-interface", f"{PROJECT}:{pod}"))))


class States(_Application):
    """The annotation that the node's plugin obeys. There is no audit in this test's time: the watch tells."""

    more_config = "audit-interval: 24h\n"
    policy = False  # others write the annotation here

    def test_forged_and_lost(self):
        """Each is put right at once, and nothing else is written."""
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
