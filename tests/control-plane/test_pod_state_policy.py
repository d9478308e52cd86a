"""Only the controller may write the annotation pod-state. Tests manifests/policy on a real API
server."""

import json
import os
import sys
import unittest

_HERE = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(os.path.dirname(_HERE))
sys.path.insert(0, _HERE)

from controlplane import Cluster, wait_for  # noqa: E402
from controlplane.api import Api, ApiError  # noqa: E402

KEY = "opencontrail.org/pod-state"
NS = "tenant"
_PODS = f"/api/v1/namespaces/{NS}/pods"
_MERGE, _STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
_JSON_PATCH, _APPLY = "application/json-patch+json", "application/apply-patch+yaml"
_FORGED = '{"uuid":"11111111-2222-4333-8444-555555555555","ipAddress":"10.0.0.7"}'


def pod(name, state=None, **spec):
    """A Pod that is not scheduled."""
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "annotations": {KEY: state} if state is not None else {}},
            "spec": {"schedulerName": "none", "containers": [{"name": "main", "image": "example.net/app:1"}], **spec}}


class PodStatePolicy(unittest.TestCase):
    """Requests of a tenant with `edit` in its Namespace, of an administrator, and of the
    controller."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster.start()
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.kubectl("apply", "-k", os.path.join(_ROOT, "manifests", "base"))
        cls.cluster.kubectl("create", "namespace", NS)
        cls.cluster.kubectl("create", "serviceaccount", "author", "-n", NS)
        cls.cluster.kubectl("create", "rolebinding", "author", "-n", NS, "--clusterrole=edit",
                            f"--serviceaccount={NS}:author")
        cls.admin = cls.cluster.api
        cls.tenant = cls.client(NS, "author")
        cls.controller = cls.client("kube-system", "kube-network-manager")
        wait_for(lambda: cls.cluster.kubectl("get", "serviceaccount", "default", "-n", NS, "-o", "name", check=False),
                 30, "Pods are admitted")
        # The API server reads new policies once a second.
        wait_for(lambda: cls.is_refused(cls.admin, "POST", _PODS + "?dryRun=All", pod("first", _FORGED)), 30,
                 "the policy is in force")

    @classmethod
    def client(cls, namespace, account):
        """A client with the permissions of a ServiceAccount."""
        return Api(cls.cluster.server, cls.cluster.ca_file, cls.cluster.token(namespace, account))

    @staticmethod
    def is_refused(client, method, path, body, content="application/json"):
        """Whether this policy refuses the request."""
        try:
            client.text(method, path, body, content)
        except ApiError as error:
            return error.code == 403 and "pod-state.opencontrail.org" in str(error) \
                and "written by kube-network-manager alone" in str(error)
        return False

    def assert_refused(self, client, method, path, body, content="application/json"):
        """Asserts that the policy refuses the request."""
        try:
            client.text(method, path, body, content)
        except ApiError as error:
            self.assertEqual(error.code, 403, error)
            self.assertIn("written by kube-network-manager alone", str(error))
        else:
            self.fail(f"{method} {path} {body} was accepted")

    def make(self, name, state=None, **spec):
        """Makes a Pod of the tenant, with an annotation of the controller if `state` is given."""
        self.tenant.post(_PODS, pod(name, **spec))
        self.addCleanup(self.admin.text, "DELETE", f"{_PODS}/{name}?gracePeriodSeconds=0")
        if state is not None:
            self.write_state(name, state)
        return self.admin.get(f"{_PODS}/{name}")

    def write_state(self, name, state):
        """Writes the annotation as the controller does."""
        uid = self.admin.get(f"{_PODS}/{name}")["metadata"]["uid"]
        return self.controller.merge(f"{_PODS}/{name}/status",
                                     {"metadata": {"uid": uid, "annotations": {KEY: state}}})

    def state(self, name):
        """The annotation of the Pod."""
        return self.admin.get(f"{_PODS}/{name}")["metadata"].get("annotations", {}).get(KEY)

    def test_a_pod_with_the_annotation_is_not_created(self):
        """Neither the tenant nor the administrator may create it. An empty annotation is refused
        too."""
        for client in (self.tenant, self.admin):
            for state in (_FORGED, "", "-"):
                self.assert_refused(client, "POST", _PODS, pod("forged", state))
        apply = dict(pod("forged", _FORGED))
        self.assert_refused(self.tenant, "PATCH", f"{_PODS}/forged?fieldManager=me", apply, _APPLY)
        self.assert_refused(self.admin, "POST", _PODS, pod("forged", _FORGED, hostNetwork=True))

    def test_a_mirror_pod_with_the_annotation_is_not_created(self):
        """The policy also covers the mirror Pods that a node creates."""
        mirror = pod("static-node", _FORGED, nodeName="k8s-node-01")
        mirror["metadata"]["annotations"]["kubernetes.io/config.mirror"] = "x"
        self.assert_refused(self.admin, "POST", _PODS, mirror)
        del mirror["metadata"]["annotations"][KEY]
        self.admin.post(_PODS, mirror)
        self.admin.text("DELETE", f"{_PODS}/static-node?gracePeriodSeconds=0")

    def test_pods_of_a_template_with_the_annotation_are_refused(self):
        """The Deployment is accepted. Its Pods are refused, and its status gives the reason."""
        template = {"metadata": {"labels": {"app": "d"}, "annotations": {KEY: _FORGED}}, "spec": pod("x")["spec"]}
        self.tenant.post(f"/apis/apps/v1/namespaces/{NS}/deployments", {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "d"}}, "template": template}})
        self.addCleanup(self.admin.text, "DELETE", f"/apis/apps/v1/namespaces/{NS}/deployments/d")

        def said():
            status = self.admin.get(f"/apis/apps/v1/namespaces/{NS}/deployments/d").get("status", {})
            return [c["message"] for c in status.get("conditions", []) if c["type"] == "ReplicaFailure"]
        wait_for(said, 60, "the status of the Deployment reports the refused Pod")
        self.assertIn("written by kube-network-manager alone", said()[0])

    def test_other_clients_cannot_change_the_annotation(self):
        """The tenant may not set, change, empty or remove the annotation, with any kind of
        write."""
        for name, before in (("bare", None), ("told", '{"uuid":"mine"}')):
            there = self.make(name, before)
            for value in (_FORGED, "") if before is None else (_FORGED, "", None):
                patch = {"metadata": {"annotations": {KEY: value}}}
                for content in (_MERGE, _STRATEGIC):
                    self.assert_refused(self.tenant, "PATCH", f"{_PODS}/{name}", patch, content)
                whole = json.loads(json.dumps(there))
                whole["metadata"]["annotations"] = {KEY: value} if value is not None else {}
                for version in (self.admin.get(f"{_PODS}/{name}")["metadata"]["resourceVersion"], ""):
                    whole["metadata"]["resourceVersion"] = version
                    self.assert_refused(self.tenant, "PUT", f"{_PODS}/{name}", whole)
            path = "/metadata/annotations" if before is None else "/metadata/annotations/opencontrail.org~1pod-state"
            value = {KEY: _FORGED} if before is None else _FORGED
            self.assert_refused(self.tenant, "PATCH", f"{_PODS}/{name}", [{"op": "add", "path": path, "value": value}],
                                _JSON_PATCH)
            self.assert_refused(self.tenant, "PATCH", f"{_PODS}/{name}?fieldManager=me&force=true",
                                {"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {KEY: _FORGED}}}, _APPLY)
            self.assertEqual(self.state(name), before)

    def test_no_subresource_accepts_the_annotation(self):
        """The administrator is refused too. The tenant may write none of the subresources."""
        self.make("sub")
        patch = {"metadata": {"annotations": {KEY: _FORGED}}}
        self.assert_refused(self.admin, "PATCH", f"{_PODS}/sub/status", patch, _MERGE)
        whole = self.admin.get(f"{_PODS}/sub")
        whole["metadata"]["annotations"] = {KEY: _FORGED}
        self.assert_refused(self.admin, "PUT", f"{_PODS}/sub/status", whole)
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "sub", "annotations": {KEY: _FORGED}},
                   "target": {"kind": "Node", "name": "k8s-node-01"}}
        self.assert_refused(self.admin, "POST", f"{_PODS}/sub/binding", binding)
        self.assert_refused(self.admin, "POST", f"/api/v1/namespaces/{NS}/bindings", binding)
        for subresource, body in (("ephemeralcontainers", {"spec": {"ephemeralContainers": [
                {"name": "debug", "image": "example.net/debug:1"}]}}), ("resize", {})):
            # These subresources accept no metadata, so that there is nothing to refuse.
            self.admin.text("PATCH", f"{_PODS}/sub/{subresource}", {**body, **patch}, _STRATEGIC)
            self.assertIsNone(self.state("sub"), subresource)
        for subresource in ("status", "ephemeralcontainers", "resize", "binding"):
            with self.assertRaises(ApiError) as refused:
                self.tenant.text("POST" if subresource == "binding" else "PATCH", f"{_PODS}/sub/{subresource}",
                                 binding if subresource == "binding" else patch,
                                 "application/json" if subresource == "binding" else _MERGE)
            self.assertEqual(refused.exception.code, 403)

    def test_the_controller_writes_the_annotation(self):
        """The controller writes through the status, with the UID as precondition. Writes of
        other clients keep the annotation, and the controller may remove it."""
        there = self.make("ours")
        self.assertEqual(self.write_state("ours", "one")["metadata"]["annotations"][KEY], "one")
        self.write_state("ours", "two")
        # A kubelet writes the status, as a patch or as the whole object.
        ready = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
        self.admin.text("PATCH", f"{_PODS}/ours/status", {"metadata": {"uid": there["metadata"]["uid"]}, **ready}, _STRATEGIC)
        whole = self.admin.get(f"{_PODS}/ours")
        whole["status"]["message"] = "rolls on"
        self.admin.text("PUT", f"{_PODS}/ours/status", whole)
        # Users and controllers write labels and other annotations.
        self.tenant.merge(f"{_PODS}/ours", {"metadata": {"labels": {"name": "web"}, "annotations": {"uses": "db"}}})
        whole = self.tenant.get(f"{_PODS}/ours")
        whole["metadata"]["labels"]["name"] = "db"
        self.tenant.text("PUT", f"{_PODS}/ours", whole)
        self.tenant.text("PATCH", f"{_PODS}/ours?fieldManager=me", {
            "apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"more": "yes"}}}, _APPLY)
        after = self.admin.get(f"{_PODS}/ours")
        self.assertEqual(after["metadata"]["annotations"], {KEY: "two", "uses": "db"})
        self.assertEqual((after["status"]["phase"], after["status"]["message"]), ("Running", "rolls on"))
        self.write_state("ours", None)
        self.assertIsNone(self.state("ours"))

    def test_the_token_of_the_controller_changes_no_spec(self):
        """With a stolen token, only statuses, labels and annotations of Pods can be written."""
        self.make("prey")
        with self.assertRaises(ApiError) as of_another:
            self.controller.merge(f"{_PODS}/prey/status", {"metadata": {
                "uid": "11111111-2222-4333-8444-555555555555", "annotations": {KEY: "x"}}})
        self.assertEqual(of_another.exception.code, 422)
        image = {"spec": {"containers": [{"name": "main", "image": "example.net/evil:1"}]}}
        self.controller.merge(f"{_PODS}/prey/status", image)
        self.assertEqual(self.admin.get(f"{_PODS}/prey")["spec"]["containers"][0]["image"], "example.net/app:1")
        with self.assertRaises(ApiError) as whole:
            self.controller.merge(f"{_PODS}/prey", image)
        self.assertEqual(whole.exception.code, 403)
        with self.assertRaises(ApiError) as forged:
            self.controller.post(_PODS, pod("new", _FORGED))
        self.assertEqual(forged.exception.code, 403)

    def test_the_scheduler_binds_a_pod_with_the_annotation(self):
        """A binding without the annotation is accepted."""
        self.make("bound", "state")
        self.admin.post(f"{_PODS}/bound/binding", {
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": "bound", "annotations": {"a": "b"}},
            "target": {"kind": "Node", "name": "k8s-node-01"}})
        self.assertEqual(self.state("bound"), "state")


if __name__ == "__main__":
    unittest.main()
