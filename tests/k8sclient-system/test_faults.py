"""Faults of the network and of the servers, which are restarted and restored."""

import json
import os
import shutil
import unittest

from reflect import Reflect
from shared import KEEP, ClusterTest, OracleTest

from controlplane import Cluster, wait_for
from faults.tcp_proxy import Proxy

setUpModule, tearDownModule = ClusterTest.start_cluster, ClusterTest.stop_cluster


class Survives(OracleTest):
    """Faults of the network and the server. Each test asserts that they occurred."""

    def setUp(self):
        self.proxy = Proxy(("127.0.0.1", self.cluster.ports["apiserver"]))
        self.addCleanup(self.proxy.close)
        self.kubeconfig = self.admin_kubeconfig("proxied", server=f"https://127.0.0.1:{self.proxy.port}")

    def test_ended_connections_are_resumed_without_a_list(self):
        with Reflect(self.kubeconfig, *KEEP) as program:
            program.expect_synced()
            for number in range(5):
                wait_for(lambda: self.proxy.open() == 4, 30, "four open watches")
                self.proxy.refuse()
                self.cluster.kubectl("create", "configmap", f"other-{number}", "-n", "shop")
                self.label(f"cut-{number}")
                self.proxy.refuse(False)
                self.assert_agrees(program)
            dump = program.dump()
            self.assertGreaterEqual(self.proxy.cuts, 20)
            for kind, content in dump.items():
                self.assertEqual(content["lists"], 1, kind)
                self.assertGreaterEqual(content["failures"], 5, kind)

    def test_a_connection_may_end_at_any_byte(self):
        with Reflect(self.kubeconfig, *KEEP, "--page-size=1") as program:
            program.expect_synced()
            for number, count in enumerate([1, 100, 700, 1500, 2900, 5000]):
                cuts = self.proxy.cuts
                self.proxy.cut_after(count)
                for change in range(6):
                    self.label(f"b-{number}-{change}")
                wait_for(lambda c=cuts: self.proxy.cuts > c, 30, "a cut")
                self.assert_agrees(program)

    def test_a_stalled_watch_is_detected(self):
        with Reflect(self.kubeconfig, *KEEP, "--watch-seconds=2", "--grace=500") as program:
            program.expect_synced()
            self.proxy.stall()
            program.expect(lambda line: "considered dead" in line.get("log", ""), "a stalled watch")
            self.proxy.stall(False)
            self.label("after-silence")
            self.assert_agrees(program)

    def test_a_silent_watch_is_begun_again(self):
        with Reflect(self.kubeconfig, *KEEP, "--silence=2000") as program:
            program.expect_synced()
            self.proxy.stall()
            program.expect(lambda line: "neither an event nor a bookmark" in line.get("log", ""), "a silent watch")
            self.proxy.stall(False)
            self.label("after-no-event")
            self.assert_agrees(program)

    def test_a_restored_etcd_is_believed(self):
        """etcd returns with the files of a backup: its versions are lower than those of the watches."""
        with Cluster.start() as own:
            files = os.path.join(own.folder, "etcd")
            backup = files + "-backup"

            def restart(change_files):
                for component in ("kube-apiserver", "etcd"):
                    own.stop_component(component)
                change_files()
                for component in ("etcd", "kube-apiserver"):
                    own.start_component(component)
                wait_for(lambda: own.kubectl("get", "--raw=/readyz", check=False) == "ok", 120, "the API server")

            def restore():
                shutil.rmtree(files)
                shutil.copytree(backup, files)

            restart(lambda: shutil.copytree(files, backup))
            for arguments in [[], ["--streaming-list"]]:
                with self.subTest(arguments), Reflect(own.kubeconfig, "--silence=2000", *arguments) as program:
                    program.expect_synced()
                    own.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": [
                        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"n-{number}"}}
                        for number in range(400)]}))
                    own.kubectl("create", "namespace", "lost")
                    program.until(lambda dump: "lost" in dump["namespaces"]["objects"], "the new Namespace")
                    restart(restore)
                    program.until(lambda dump: "lost" not in dump["namespaces"]["objects"], "the restored state", 120)
                    self.assertTrue(any("listing namespaces: the older state of the server is believed"
                                        in line.get("log", "") for line in program.said))
                    own.kubectl("create", "namespace", "new")
                    program.until(lambda dump: "new" in dump["namespaces"]["objects"], "a Namespace after that")

    def test_deletions_are_found_after_the_history_is_lost(self):
        self.cluster.kubectl("create", "deployment", "gone", "-n", "shop", "--image=x", "--replicas=3")
        self.cluster.kubectl("rollout", "status", "deployment/gone", "-n", "shop", "--timeout=60s")
        with Reflect(self.kubeconfig, *KEEP) as program:
            program.expect_synced()
            self.assert_agrees(program)
            upserts = program.dump()["pods"]["upserts"]
            self.proxy.refuse()
            self.cluster.kubectl("delete", "deployment", "gone", "-n", "shop")
            wait_for(lambda: "gone-" not in self.cluster.kubectl("get", "pods", "-n", "shop", "-o", "name"), 60, "no pods")
            # A new API server has no history from before its start: it answers 410.
            self.cluster.stop_component("kube-apiserver")
            self.cluster.start_component("kube-apiserver")
            wait_for(lambda: self.cluster.kubectl("get", "--raw=/readyz", check=False) == "ok", 120, "the API server")
            self.proxy.refuse(False)
            dump = program.until(lambda d: d["pods"]["lists"] == 2, "a second list", 120)
            self.assert_agrees(program)
            self.assertEqual(dump["pods"]["deletes"], 3)
            self.assertEqual(dump["pods"]["upserts"], upserts)
            self.assertTrue(any("410" in line.get("log", "") for line in program.said), "no 410 was met")

    def test_a_restart_of_the_api_server_or_etcd_is_survived(self):
        with Reflect(self.cluster.kubeconfig, *KEEP) as program:
            program.expect_synced()
            for component in ["kube-apiserver", "etcd"]:
                failures = program.dump()["pods"]["failures"]
                self.cluster.stop_component(component, kill=True)
                self.cluster.start_component(component)
                wait_for(lambda: self.cluster.kubectl("get", "--raw=/readyz", check=False) == "ok", 120, "the API server")
                self.label(f"after-{component}")
                self.assert_agrees(program)
                if component == "kube-apiserver":
                    self.assertGreater(program.dump()["pods"]["failures"], failures)


if __name__ == "__main__":
    unittest.main()
