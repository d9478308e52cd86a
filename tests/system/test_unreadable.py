"""Objects that the API server accepts and the controller cannot read: no other object is
affected."""

import json
import unittest

from rig import STATE, SystemTest, eventually
from faults.protobuf import entry, envelope, field

NS = "unreadable"
BAD = b"\xff\xfe"  # not UTF-8
PROTOBUF = "application/vnd.kubernetes.protobuf"


def pod(name, uses):
    """A Pod of the tier `web`."""
    meta = field(1, name) + field(3, NS) + field(11, entry("name", "web")) + field(12, entry("uses", uses))
    return envelope("Pod", field(1, meta) + field(2, field(2, field(1, "main") + field(2, "example.net/app:1"))))


def service(name, load_balancer_ip):
    """A Service of the tier `web`."""
    meta = field(1, name) + field(3, NS) + field(11, entry("name", "web"))
    spec = field(1, field(3, 80)) + field(2, entry("name", "web")) + field(4, "LoadBalancer")
    return envelope("Service", field(1, meta) + field(2, spec + field(8, load_balancer_ip)))


class Unreadable(SystemTest):
    """Unreadable objects beside readable ones."""

    def setUp(self):
        super().setUp()
        self.make_namespace(NS)
        self.addCleanup(self.leave_namespace, NS)

    def post(self, plural, body):
        """Creates an object from protobuf."""
        self.cluster.api.text("POST", f"/api/v1/namespaces/{NS}/{plural}", body, PROTOBUF)

    def is_served(self, name):
        """Asserts that a new Pod gets its network."""
        self.apply([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
                     "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}])
        eventually(lambda: STATE in self.pods(NS)[name]["metadata"].get("annotations", {}),
                   lambda: f"{name} annotated:\n{self.controller.output()[-4000:]}")

    def metric(self, resource):
        """The value of knm_unreadable_objects for a resource."""
        lines = str(self.get("/metrics")[1]).splitlines()
        return next((line.split()[-1] for line in lines if line.startswith(f'knm_unreadable_objects{{resource="{resource}"}}')), None)

    def is_reported(self, kind, name):
        """Asserts that the problem is in an Event, in /state and in the log."""
        def event():
            items = json.loads(self.cluster.kubectl("get", "events.events.k8s.io", "-n", NS, "-o", "json"))["items"]
            return any(item["reason"] == "UnreadableObject" and item["type"] == "Warning" and
                       (item["regarding"]["kind"], item["regarding"]["name"]) == (kind, name) for item in items)
        eventually(event, f"an Event on {kind} {name}")
        problems = self.get("/state?full")[1]["problems"]
        self.assertIn(("UnreadableObject", kind, f"{NS}/{name}"),
                      [(problem["reason"], problem["kind"], problem["object"]) for problem in problems])
        self.assertIn(f"{NS}/{name}", self.controller.output())

    def test_other_objects_are_served(self):
        """Other objects are served before and after a restart, from watches and lists. The
        problem ends when the objects are corrected or deleted."""
        self.start_controller()
        self.wait_ready()
        self.is_served("before")
        self.post("pods", pod("bad-pod", BAD))
        self.post("services", service("bad-service", BAD))
        eventually(lambda: (self.metric("pods"), self.metric("services")) == ("1", "1"), self.controller.output)
        self.is_reported("Pod", "bad-pod")
        self.is_reported("Service", "bad-service")
        self.is_served("meanwhile")
        self.assertEqual(self.controller.stop(), 0)
        before = {name: item["uuid"] for name, item in self.api.list("virtual-machine-interfaces").items()}

        self.start_controller()
        self.wait_ready()
        self.is_served("after")
        self.assertEqual((self.metric("pods"), self.metric("services")), ("1", "1"))
        now = {name: item["uuid"] for name, item in self.api.list("virtual-machine-interfaces").items()}
        self.assertEqual({name: now.get(name) for name in before}, before)

        # The Pod becomes readable, and the Service is deleted.
        self.cluster.kubectl("annotate", "pod", "bad-pod", "-n", NS, "--overwrite", "uses=other")
        self.cluster.kubectl("delete", "service", "bad-service", "-n", NS)
        eventually(lambda: (self.metric("pods"), self.metric("services")) == ("0", "0"), self.controller.output)
        eventually(lambda: STATE in self.pods(NS)["bad-pod"]["metadata"]["annotations"], self.controller.output)
        self.assertEqual(self.get("/state?full")[1]["counts"]["problems"], 0)

    def test_an_interface_stays_when_its_pod_becomes_unreadable(self):
        """The interface of a served Pod that becomes unreadable stays, also over a restart."""
        self.start_controller()
        self.wait_ready()
        self.is_served("spoilt")
        # JSON cannot carry these bytes: the Pod is written as protobuf.
        found = self.cluster.api.text("GET", f"/api/v1/namespaces/{NS}/pods/spoilt")
        uid = json.loads(found)["metadata"]["uid"]
        interface = next(name for name in self.api.list("virtual-machine-interfaces") if name.split(":")[-1].startswith("spoilt"))
        self.spoil("spoilt")
        eventually(lambda: self.metric("pods") == "1", self.controller.output)
        self.assertIn(interface, self.api.list("virtual-machine-interfaces"))
        self.assertEqual(self.controller.stop(), 0)
        self.start_controller()
        self.wait_ready()
        self.is_served("later")
        self.assertIn(interface, self.api.list("virtual-machine-interfaces"))
        self.assertEqual(self.pods(NS)["spoilt"]["metadata"]["uid"], uid)
        self.cluster.kubectl("delete", "pod", "spoilt", "-n", NS, "--wait=true")
        eventually(lambda: interface not in self.api.list("virtual-machine-interfaces"), self.controller.output)

    def spoil(self, name):
        """Gives a Pod an annotation `uses` that is not UTF-8, by a PUT of the Pod's protobuf."""
        import http.client  # pylint: disable=import-outside-toplevel
        api = self.cluster.api
        connection = http.client.HTTPSConnection(api._address.hostname, api._address.port, context=api._tls)  # pylint: disable=protected-access
        path = f"/api/v1/namespaces/{NS}/pods/{name}"
        headers = {"Authorization": f"Bearer {api._token}", "Accept": PROTOBUF, "Content-Type": PROTOBUF}  # pylint: disable=protected-access
        self.cluster.kubectl("annotate", "pod", name, "-n", NS, "--overwrite", "uses=QQ")
        connection.request("GET", path, headers=headers)
        body = connection.getresponse().read()
        spoilt = body.replace(entry("uses", "QQ"), entry("uses", BAD))
        self.assertNotEqual(spoilt, body)
        connection.request("PUT", path, spoilt, headers)
        answer = connection.getresponse()
        answer.read()
        self.assertEqual(answer.status, 200)
        connection.close()


if __name__ == "__main__":
    unittest.main()
