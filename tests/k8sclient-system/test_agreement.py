"""The library holds what kubectl shows, and the example does what its page says."""

import json
import os
import subprocess
import unittest

from reflect import Reflect
from shared import KEEP, ClusterTest, OracleTest

from controlplane import wait_for

setUpModule, tearDownModule = ClusterTest.start_cluster, ClusterTest.stop_cluster


class Agrees(OracleTest):
    """The library holds the objects that kubectl shows."""

    def test_lists_in_both_encodings(self):
        for arguments in [[], ["--json"], ["--page-size=1"], ["--page-size=1", "--json"], ["--page-size=0"],
                          ["--page-size=0", "--json"]]:
            with self.subTest(arguments), Reflect(self.cluster.kubeconfig, *KEEP, *arguments) as program:
                program.expect_synced()
                self.assert_agrees(program)
                pages = program.dump()["services"]["pages"]
                self.assertEqual(pages > 1, "--page-size=1" in arguments)

    def test_streaming_lists_in_both_encodings(self):
        for encoding in [[], ["--json"]]:
            with self.subTest(encoding), Reflect(self.cluster.kubeconfig, *KEEP, "--streaming-list", *encoding) as program:
                program.expect_synced()
                self.assert_agrees(program)
                for kind, counts in program.dump().items():
                    self.assertEqual(counts["lists"], 1, kind)
                    self.assertEqual((counts["pages"], counts["failures"]), (0, 0), f"{kind}: {counts['last_error']}")

    def test_events_in_both_encodings(self):
        for encoding in [[], ["--json"]]:
            with self.subTest(encoding), Reflect(self.cluster.kubeconfig, *KEEP, *encoding) as program:
                program.expect_synced()
                before = program.dump()
                self.cluster.kubectl("create", "namespace", "moving")
                self.cluster.kubectl("create", "deployment", "web", "-n", "moving", "--image=x", "--replicas=5")
                self.cluster.kubectl("expose", "deployment", "web", "-n", "moving", "--port=80")
                self.cluster.kubectl("rollout", "status", "deployment/web", "-n", "moving", "--timeout=60s")
                self.assert_agrees(program)
                self.cluster.kubectl("label", "namespace", "moving", "name=changed")
                self.cluster.kubectl("scale", "deployment", "web", "-n", "moving", "--replicas=1")
                self.assert_agrees(program)
                self.cluster.kubectl("delete", "namespace", "moving")
                self.assert_agrees(program)
                after = program.dump()
                for kind in after:
                    self.assertEqual(after[kind]["lists"], 1, kind)
                    self.assertEqual(after[kind]["failures"], 0, after[kind]["last_error"])
                    self.assertEqual(after[kind]["objects"].keys(), before[kind]["objects"].keys())
                self.assertGreaterEqual(after["pods"]["deletes"], 5)

    def test_a_client_certificate_authenticates(self):
        with Reflect(self.cluster.certificate_kubeconfig, *KEEP) as program:
            program.expect_synced()
            self.assert_agrees(program)


class Example(ClusterTest):
    """examples/pod-counter does what its page says."""

    def test_namespaces_have_the_number_of_their_pods(self):
        def agrees():
            names = [item["metadata"]["namespace"] for item in everything("pods")]
            return all(item["metadata"].get("annotations", {}).get("example.org/pods", "0")
                       == str(names.count(item["metadata"]["name"])) for item in everything("namespaces"))

        def everything(kind):
            return json.loads(self.cluster.kubectl("get", kind, "--all-namespaces", "-o", "json"))["items"]

        self.assertTrue(everything("pods"))
        self.assertFalse(agrees())
        with subprocess.Popen([os.environ["POD_COUNTER"], self.cluster.kubeconfig]) as program:
            try:
                wait_for(agrees, 60, "the number of Pods on each Namespace")
                self.cluster.kubectl("run", "one-more", "-n", "shop", "--image=x")
                wait_for(agrees, 60, "a new Pod is counted")
                self.cluster.kubectl("delete", "pod", "one-more", "-n", "shop", "--now")
                wait_for(agrees, 60, "a deleted Pod is not counted")
            finally:
                program.terminate()
            self.assertEqual(program.wait(timeout=60), 0)


if __name__ == "__main__":
    unittest.main()
