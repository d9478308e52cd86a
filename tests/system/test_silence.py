"""An open watch without events makes the controller unready, and /readyz names the kind."""

import threading
import unittest

from rig import ACCOUNT, SystemTest, eventually
from faults.liar import Liar

NS = "silent"
LIMIT = 10  # seconds; bookmarks come once a minute, so the test keeps the other kinds busy


class Silence(SystemTest):
    """The controller runs behind a proxy that can hide the events of a watch."""

    more_config = f"watch-silence-limit: {LIMIT}s\n"

    def setUp(self):
        super().setUp()
        self.addCleanup(self.leave_namespace, NS)
        self.make_namespace(NS)
        self.apply([
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": NS, "labels": {"name": "web"}},
             "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}},
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": NS},
             "spec": {"selector": {"name": "web"}, "ports": [{"port": 80}]}},
            {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": "web-x", "namespace": NS},
             "addressType": "IPv4", "endpoints": []}])
        self.liar = Liar(self.cluster.server, self.cluster.ca_file)
        self.addCleanup(self.liar.stop)
        self.liar.write_kubeconfig(self.path("through"), self.cluster, ACCOUNT)
        self._over = threading.Event()
        self.keep_busy()

    def keep_busy(self):
        """Changes an object of each kind every two seconds, until the test ends."""
        objects = ("namespace/" + NS, "pod/web", "service/web", "endpointslice/web-x")

        def change():
            count = 0
            while not self._over.wait(LIMIT / 5):
                count += 1
                self.cluster.kubectl("annotate", "--overwrite", "-n", NS, *objects, f"example.net/count={count}")

        thread = threading.Thread(target=change)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self._over.set)

    def test_a_silent_watch_makes_the_controller_unready(self):
        """/readyz is 503 and names this kind only. A list of the kind ends it."""
        self.start_controller(kubeconfig=self.path("through"))
        self.wait_ready()
        self.liar.blind("pods")
        status, said = eventually(lambda: self.get("/readyz") if self.get("/readyz")[0] == 503 else None,
                                  self.controller.output)
        self.assertEqual(status, 503)
        self.assertIn("kubernetes-watches", str(said))
        self.assertIn("pods", str(said))
        for kind in ("namespaces", "services", "endpointslices"):
            self.assertNotIn(kind, str(said))
        self.assertEqual(self.get("/livez")[0], 200, "a restart would not help")
        self.liar.relist("pods")
        self.wait_ready()


if __name__ == "__main__":
    unittest.main()
