"""The controller changes nothing of a Pod but its own annotation."""

import json
import unittest

from rig import STATE, SystemTest, eventually

NS = "kept"


def pod(name, owner):
    """A Pod with fields that clients of an older API lose when they write the Pod."""
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": NS, "labels": {"name": "tier", "unrelated": "x"},
                     "annotations": {"example.net/mine": "kept"}, "finalizers": ["example.net/hold"],
                     "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner,
                                          "blockOwnerDeletion": True}]},
        "spec": {
            "schedulingGates": [{"name": "example.net/gate"}],
            "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
                                           "whenUnsatisfiable": "ScheduleAnyway",
                                           "labelSelector": {"matchLabels": {"name": "tier"}}}],
            "containers": [{"name": "main", "image": "example.net/app:1", "resizePolicy": [
                {"resourceName": "cpu", "restartPolicy": "NotRequired"}],
                "startupProbe": {"httpGet": {"port": 80}}, "ports": [{"name": "http", "containerPort": 80}]}],
            "initContainers": [{"name": "sidecar", "image": "example.net/sidecar:1", "restartPolicy": "Always"}],
            "volumes": [{"name": "projected", "projected": {"sources": [
                {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600, "audience": "x"}},
                {"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}}]}}]},
    }


class PodsKept(SystemTest):
    """Pods with the fields of current Kubernetes versions."""

    def test_all_other_fields_of_a_pod_are_kept(self):
        """The Pod is gated: it gets its network before it is scheduled."""
        self.make_namespace(NS)
        self.apply([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner", "namespace": NS}}])
        self.addCleanup(self.clean_up)
        owner = json.loads(self.cluster.kubectl("get", "configmap", "owner", "-n", NS, "-o", "json"))
        self.apply([pod("gated", owner["metadata"]["uid"])])
        before = self.pods(NS)["gated"]
        self.start_controller()
        self.wait_ready()
        after = eventually(lambda: STATE in self.pods(NS)["gated"]["metadata"]["annotations"] and self.pods(NS)["gated"],
                           "annotated")
        del after["metadata"]["annotations"][STATE]
        for version in (before, after):
            for key in ("resourceVersion", "managedFields"):
                version["metadata"].pop(key, None)
        self.assertEqual(after, before)

    def clean_up(self):
        """Removes the finalizer, so that the Pod can be deleted."""
        self.cluster.kubectl("patch", "pod", "gated", "-n", NS, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        self.leave_namespace(NS)


if __name__ == "__main__":
    unittest.main()
