"""The controller reports whether a policy protects the Pod annotation. Events that a terminating
Namespace refuses are no failures."""

import json
import os
import unittest

from rig import ACCOUNT, ROOT, STATE, SystemTest, eventually

NAME = "pod-state.opencontrail.org"
NS = "policy"
_OPEN = "the annotation opencontrail.org/pod-state is not protected"
_UNKNOWN = "the protection of the annotation opencontrail.org/pod-state cannot be checked"


class Policy(SystemTest):
    """Reports of the admission policy after a start."""

    def found(self):
        """(state in the metric, state in /state, reason in /state), after the check of the
        policy."""
        def state_of_policy():
            lines = [line for line in str(self.get("/metrics")[1]).splitlines()
                     if line.startswith("knm_pod_state_policy{") and line.endswith(" 1")]
            controller = self.get("/state")[1]["controller"]
            known = controller.get("pod_state_policy") == "in force" or controller.get("pod_state_policy_why")
            return known and (lines, controller["pod_state_policy"], controller.get("pod_state_policy_why", ""))
        return eventually(state_of_policy,
                          lambda: f"the policy is checked:\n{self.controller.output()}")

    def start(self):
        """Starts the controller and waits until it is ready."""
        self.start_controller()
        self.wait_ready()

    def test_a_policy_in_force_is_reported(self):
        """A policy in force is reported without a warning."""
        self.start()
        lines, state, why = self.found()
        self.assertEqual((lines, state, why), (['knm_pod_state_policy{state="in_force"} 1'], "in force", ""))
        self.assertNotIn(_OPEN, self.controller.output())
        self.assertNotIn(_UNKNOWN, self.controller.output())

    def test_a_missing_policy_or_permission_is_reported(self):
        """A policy without its binding is not in force. Missing permission to read it is
        reported as such."""
        self.addCleanup(self.set_up_again)
        self.cluster.kubectl("delete", "validatingadmissionpolicybinding", NAME)
        self.start()
        lines, state, why = self.found()
        self.assertEqual((lines, state), (['knm_pod_state_policy{state="not_in_force"} 1'], "not in force"))
        self.assertIn("not found: ValidatingAdmissionPolicyBinding", why)
        self.assertIn("apply manifests/policy", why)
        self.assertEqual(self.controller.output().count(_OPEN), 1, self.controller.output())
        self.assertEqual(self.controller.stop(), 0)

        rules = json.loads(self.cluster.kubectl("get", "clusterrole", "kube-network-manager", "-o", "json"))
        rules["rules"] = [rule for rule in rules["rules"] if "admissionregistration.k8s.io" not in rule["apiGroups"]]
        self.apply([rules])
        eventually(lambda: not self.may_read_policies(), "the API server knows of the removed permission")
        self.start()
        lines, state, why = self.found()
        self.assertEqual((lines, state), (['knm_pod_state_policy{state="cannot_be_checked"} 1'], "cannot be checked"))
        self.assertIn("manifests/rbac", why)
        self.assertEqual(self.controller.output().count(_UNKNOWN), 1, self.controller.output())

    def may_read_policies(self):
        """Whether the API server permits the controller to read the policy. It follows the roles
        with a delay."""
        said = self.cluster.kubectl("auth", "can-i", "get", f"validatingadmissionpolicies/{NAME}",
                                    "--as", "system:serviceaccount:" + ":".join(ACCOUNT), check=False)
        return said.strip() == "yes"

    def set_up_again(self):
        """Restores the manifests."""
        self.cluster.kubectl("apply", "-k", os.path.join(ROOT, "manifests", "demo"))

    def test_a_tenant_cannot_forge_while_the_controller_is_away(self):
        """The policy refuses the annotation also while the controller does not run."""
        self.addCleanup(self.leave_namespace, NS)
        self.make_namespace(NS)
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "annotations": {STATE: "{}"}},
               "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}

        def refused():
            said = self.cluster.kubectl("create", "--dry-run=server", "-n", NS, "-f", "-", stdin=json.dumps(pod), check=False)
            return not said
        eventually(refused, "the policy is in force again")
        del pod["metadata"]["annotations"]
        self.cluster.kubectl("create", "-n", NS, "-f", "-", stdin=json.dumps(pod))
        self.cluster.kubectl("annotate", "pod", "web", "-n", NS, f"{STATE}=x", check=False)
        self.assertNotIn(STATE, self.pods(NS)["web"]["metadata"].get("annotations", {}))
        self.start()
        self.wait_pods(NS, 1)
        state = json.loads(self.pods(NS)["web"]["metadata"]["annotations"][STATE])
        self.assertEqual(state["podUid"], self.pods(NS)["web"]["metadata"]["uid"])


class EndingNamespace(SystemTest):
    """Objects of a terminating Namespace can stay, but no object can be created in it."""

    def counted(self, result):
        """The number of Events with a result."""
        lines = [line for line in self.get("/metrics")[1].splitlines()
                 if line.startswith(f'knm_events_total{{result="{result}"}} ')]
        return float(lines[0].split()[-1])

    def test_events_in_a_terminating_namespace_are_dropped(self):
        """The controller does not ask for a permission, because none would help."""
        self.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}},
                    {"apiVersion": "v1", "kind": "Service", "metadata": {
                        "name": "stays", "namespace": NS, "finalizers": ["example.net/keep"]},
                     "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}], "externalIPs": ["203.0.113.9"]}}])
        self.addCleanup(self.cluster.kubectl, "patch", "service", "stays", "-n", NS, "--type=merge",
                        "--patch", '{"metadata":{"finalizers":null}}')
        self.cluster.kubectl("delete", "namespace", NS, "--wait=false")
        eventually(lambda: self.cluster.kubectl("get", "service", "stays", "-n", NS, "-o",
                                                "jsonpath={.metadata.deletionTimestamp}"),
                   "the Service is terminating")
        self.start_controller()
        self.wait_ready()
        eventually(lambda: self.counted("suppressed") >= 1,
                   lambda: f"the Event is suppressed:\n{self.controller.output()}")
        self.assertEqual(self.counted("failed"), 0)
        self.assertNotIn("Event could not be written", self.controller.output())
        self.assertNotIn("grant this permission", self.controller.output())


if __name__ == "__main__":
    unittest.main()
