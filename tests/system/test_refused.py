"""Writes that the API server refuses, drops or lets others overwrite. The controller names the
cause, assumes no write that did not happen, and continues once the cause is gone."""

import unittest

from rig import ACCOUNT, STATE, SystemTest, eventually

from controlplane.api import Api, ApiError  # noqa: E402  (rig has set the path)

NS, OTHER = "refused", "served"
NAME = "hinders.example.net"
_ROLE = "/apis/rbac.authorization.k8s.io/v1/clusterroles/kube-network-manager"
_METRIC = "knm_kubernetes_writes_refused"


def pod(name, namespace=NS):
    """A Pod of the tier `web`."""
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": {"name": "web"}},
            "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}


class _Writes(SystemTest):
    """Two Namespaces, and a controller that is ready."""

    def setUp(self):
        super().setUp()
        for name in (NS, OTHER):
            self.make_namespace(name)
            self.addCleanup(self.cluster.kubectl, "delete", "pods", "--all", "-n", name)
        self.start_controller()
        self.wait_ready()

    def metric(self, name):
        """The lines of a metric."""
        return [line for line in str(self.get("/metrics")[1]).splitlines() if line.startswith(name + "{")]

    def state(self, name, namespace=NS):
        """The Pod annotation; None without one."""
        return self.pods(namespace)[name]["metadata"].get("annotations", {}).get(STATE)

    def wait_state(self, name, namespace=NS):
        """Waits for the Pod annotation and returns it."""
        return eventually(lambda: self.state(name, namespace),
                          lambda: f"{name} annotated:\n{self.controller.output()[-3000:]}")

    def make_pod(self, name, namespace=NS):
        """Creates a Pod and waits for its annotation."""
        self.apply([pod(name, namespace)])
        return self.wait_state(name, namespace)


class Refused(_Writes):
    """A missing permission and admission policies refuse or drop the annotation."""

    def setUp(self):
        super().setUp()
        self.account = Api(self.cluster.server, self.cluster.ca_file, self.cluster.token(*ACCOUNT))
        self.make_pod("before")

    def dry_run(self):
        """The result of a patch like the controller's, as a dry run: the annotation in the
        answer, or the error."""
        try:
            answer = self.account.merge(f"/api/v1/namespaces/{NS}/pods/before/status?dryRun=All",
                                        {"metadata": {"annotations": {STATE: "tried"}}})
        except ApiError as error:
            return str(error)
        return answer["metadata"].get("annotations", {}).get(STATE, "dropped")

    def grant(self, rules):
        """Sets the rules of the controller's role."""
        self.cluster.api.merge(_ROLE, {"rules": rules})

    def add_policy(self, kind, binding, **spec):
        """Adds an admission policy of this kind for writes to the status of Pods in one
        Namespace."""
        head = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": NAME}}
        about = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NS}}, "resourceRules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["pods/status"]}]}
        self.addCleanup(self.remove_policy, kind)
        self.apply([{**head, "kind": kind, "spec": {"matchConstraints": about, **spec}},
                    {**head, "kind": f"{kind}Binding", "spec": {"policyName": NAME, **binding}}])

    def remove_policy(self, kind):
        """Removes the admission policy."""
        self.cluster.kubectl("delete", f"{kind},{kind}Binding", NAME, "--ignore-not-found")

    def test_a_missing_permission_is_reported_once_for_all_pods(self):
        """A missing permission makes the controller unready and is reported on kube-system, not
        on Pods. The first successful patch ends the problem."""
        rules = self.cluster.api.get(_ROLE)["rules"]
        self.addCleanup(self.grant, rules)
        self.grant([rule for rule in rules if "pods/status" not in rule["resources"]])
        eventually(lambda: "cannot patch" in self.dry_run(), "the permission is removed")
        self.apply([pod("late")])

        def unready():
            status, text = self.get("/readyz")
            return status == 503 and text
        text = eventually(unready, lambda: f"not ready:\n{self.controller.output()[-3000:]}")
        self.assertIn("[-]pod-states failed: the API server refuses all patches of Pods", text)
        self.assertIn("[+]service-statuses ok", text)
        self.assertEqual(self.get("/livez")[0], 200)
        self.assertEqual(self.metric(_METRIC), [f'{_METRIC}{{kind="pod-state"}} 1'])
        event = self.event("Namespace", "kube-system", "WritesRefused", "default")
        self.assertEqual(event["type"], "Warning")
        self.assertIn('cannot patch resource "pods/status"', event["note"])
        self.assertEqual(self.events("Pod", "late", "RefusedByAPIServer", NS), [])
        self.assertIsNone(self.state("late"))

        self.grant(rules)
        self.wait_state("late")
        self.wait_ready()
        self.assertEqual(self.metric(_METRIC), [f'{_METRIC}{{kind="pod-state"}} 0'])

    def test_a_policy_that_drops_the_annotation_is_reported(self):
        """An annotation that the answer of the API server lacks counts as not written."""
        # The name is used by no other test: their Events outlive them.
        kind = "MutatingAdmissionPolicy"
        self.add_policy(kind, {}, reinvocationPolicy="Never",
                    matchConditions=[{"name": "has-it",
                                      "expression": f"'{STATE}' in object.metadata.?annotations.orValue({{}})"}],
                    mutations=[{"patchType": "JSONPatch", "jsonPatch": {"expression": (
                        "[JSONPatch{op: 'remove', path: '/metadata/annotations/' + "
                        f"jsonpatch.escapeKey('{STATE}')}}]")}}])
        eventually(lambda: self.dry_run() == "dropped", "the policy is in force")
        self.apply([pod("dropped")])
        event = self.event("Pod", "dropped", "DroppedByAPIServer", NS)
        self.assertEqual(event["type"], "Warning")
        self.assertIn("an admission policy or webhook removes it", event["note"])
        self.assertEqual(self.events("Pod", "dropped", "NetworkReady", NS), [])
        self.assertIsNone(self.state("dropped"))
        self.assertEqual(self.get("/readyz")[0], 200)

        self.remove_policy(kind)
        self.wait_state("dropped")
        self.event("Pod", "dropped", "NetworkReady", NS)

    def test_a_policy_that_denies_the_annotation_is_reported(self):
        """The Event contains the message of the policy. Pods of other Namespaces are not
        affected."""
        kind = "ValidatingAdmissionPolicy"
        state = f"metadata.?annotations[?'{STATE}']"
        self.add_policy(kind, {"validationActions": ["Deny"]},
                    validations=[{"expression": f"object.{state} == oldObject.{state}", "message": "nobody touches these"}])
        eventually(lambda: "nobody touches these" in self.dry_run(), "the policy is in force")
        late = [f"late-{i}" for i in range(5)]
        self.apply([pod(name) for name in late])
        for name in late:
            event = self.event("Pod", name, "RefusedByAPIServer", NS)
            self.assertEqual(event["type"], "Warning")
            self.assertIn("nobody touches these", event["note"])
        self.make_pod("late", OTHER)
        self.assertEqual([self.state(name) for name in late], [None] * len(late))
        self.assertEqual(self.get("/readyz")[0], 200)

        self.remove_policy(kind)
        for name in late:
            self.wait_state(name)


class Overwritten(_Writes):
    """Another client overwrites the annotation."""

    policy = False  # this test writes the annotation itself

    def test_a_client_that_overwrites_the_annotation_is_named(self):
        """The annotation is restored each time. From the fourth time on it is reported, because
        fewer may be chance."""
        right = self.make_pod("web")
        for _ in range(4):
            self.cluster.api.merge(f"/api/v1/namespaces/{NS}/pods/web?fieldManager=meddler",
                                   {"metadata": {"annotations": {STATE: "wrong"}}})
            eventually(lambda: self.state("web") == right and self.settled(),
                       lambda: f"the annotation is restored:\n{self.controller.output()[-3000:]}")
        event = self.event("Pod", "web", "OverwrittenByOthers", NS)
        self.assertEqual(event["type"], "Warning")
        self.assertIn("meddler overwrites the annotation opencontrail.org/pod-state repeatedly", event["note"])
        self.assertEqual(self.metric("knm_overwritten_total"), ['knm_overwritten_total{kind="pod-state",manager="meddler"} 1'])


if __name__ == "__main__":
    unittest.main()
