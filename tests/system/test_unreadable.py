"""Objects that the API server takes and that cannot be read: each costs itself only."""

import json
import unittest

from rig import STATE, SystemTest, eventually

NS = "unreadable"
BAD = b"\xff\xfe"  # no UTF-8
PROTOBUF = "application/vnd.kubernetes.protobuf"


def _varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, content):
    """A field of a protobuf message: bytes, a text, or a number."""
    if isinstance(content, int):
        return _varint(number << 3) + _varint(content)
    content = content.encode() if isinstance(content, str) else content
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _entry(key, value):
    return field(1, key) + field(2, value)


def envelope(kind, content):
    """As the API takes it."""
    return b"k8s\0" + field(1, field(1, "v1") + field(2, kind)) + field(2, content)


def pod(name, uses):
    """Of tier web."""
    meta = field(1, name) + field(3, NS) + field(11, _entry("name", "web")) + field(12, _entry("uses", uses))
    return envelope("Pod", field(1, meta) + field(2, field(2, field(1, "main") + field(2, "example.net/app:1"))))


def service(name, load_balancer_ip):
    """Of tier web."""
    meta = field(1, name) + field(3, NS) + field(11, _entry("name", "web"))
    spec = field(1, field(3, 80)) + field(2, _entry("name", "web")) + field(4, "LoadBalancer")
    return envelope("Service", field(1, meta) + field(2, spec + field(8, load_balancer_ip)))


class Unreadable(SystemTest):
    """Beside objects that can be read."""

    def setUp(self):
        super().setUp()
        self.make_namespace(NS)
        self.addCleanup(self.leave_namespace, NS)

    def post(self, plural, body):
        """Creates it, as protobuf."""
        self.cluster.api.text("POST", f"/api/v1/namespaces/{NS}/{plural}", body, PROTOBUF)

    def served(self, name):
        """A new pod has its network."""
        self.apply([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
                     "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}])
        eventually(lambda: STATE in self.pods(NS)[name]["metadata"].get("annotations", {}),
                   lambda: f"{name} annotated:\n{self.controller.output()[-4000:]}")

    def metric(self, resource):
        """knm_unreadable_objects of it."""
        lines = str(self.get("/metrics")[1]).splitlines()
        return next((line.split()[-1] for line in lines if line.startswith(f'knm_unreadable_objects{{resource="{resource}"}}')), None)

    def told(self, kind, name):
        """An Event on it, in /state and in the log."""
        def event():
            items = json.loads(self.cluster.kubectl("get", "events.events.k8s.io", "-n", NS, "-o", "json"))["items"]
            return any(item["reason"] == "UnreadableObject" and item["type"] == "Warning" and
                       (item["regarding"]["kind"], item["regarding"]["name"]) == (kind, name) for item in items)
        eventually(event, f"an Event on {kind} {name}")
        problems = self.get("/state?full")[1]["problems"]
        self.assertIn(("UnreadableObject", kind, f"{NS}/{name}"),
                      [(problem["reason"], problem["kind"], problem["object"]) for problem in problems])
        self.assertIn(f"{NS}/{name}", self.controller.output())

    def test_others_are_served(self):
        """Before and after a restart, by watch and by list; and the end of it."""
        self.start_controller()
        self.wait_ready()
        self.served("before")
        self.post("pods", pod("bad-pod", BAD))
        self.post("services", service("bad-service", BAD))
        eventually(lambda: (self.metric("pods"), self.metric("services")) == ("1", "1"), self.controller.output)
        self.told("Pod", "bad-pod")
        self.told("Service", "bad-service")
        self.served("meanwhile")
        self.assertEqual(self.controller.stop(), 0)
        before = {name: item["uuid"] for name, item in self.api.list("virtual-machine-interfaces").items()}

        self.start_controller()
        self.wait_ready()
        self.served("after")
        self.assertEqual((self.metric("pods"), self.metric("services")), ("1", "1"))
        now = {name: item["uuid"] for name, item in self.api.list("virtual-machine-interfaces").items()}
        self.assertEqual({name: now.get(name) for name in before}, before)

        # An annotation that is text, and a Service that goes.
        self.cluster.kubectl("annotate", "pod", "bad-pod", "-n", NS, "--overwrite", "uses=other")
        self.cluster.kubectl("delete", "service", "bad-service", "-n", NS)
        eventually(lambda: (self.metric("pods"), self.metric("services")) == ("0", "0"), self.controller.output)
        eventually(lambda: STATE in self.pods(NS)["bad-pod"]["metadata"]["annotations"], self.controller.output)
        self.assertEqual(self.get("/state?full")[1]["counts"]["problems"], 0)

    def test_it_stays_as_it_was(self):
        """A pod that was served, and is spoilt: its interface stays, over a restart as well."""
        self.start_controller()
        self.wait_ready()
        self.served("spoilt")
        # JSON cannot say these bytes: the object is written anew as protobuf.
        found = self.cluster.api.text("GET", f"/api/v1/namespaces/{NS}/pods/spoilt")
        uid = json.loads(found)["metadata"]["uid"]
        interface = next(name for name in self.api.list("virtual-machine-interfaces") if name.split(":")[-1].startswith("spoilt"))
        self.spoil("spoilt")
        eventually(lambda: self.metric("pods") == "1", self.controller.output)
        self.assertIn(interface, self.api.list("virtual-machine-interfaces"))
        self.assertEqual(self.controller.stop(), 0)
        self.start_controller()
        self.wait_ready()
        self.served("later")
        self.assertIn(interface, self.api.list("virtual-machine-interfaces"))
        self.assertEqual(self.pods(NS)["spoilt"]["metadata"]["uid"], uid)
        self.cluster.kubectl("delete", "pod", "spoilt", "-n", NS, "--wait=true")
        eventually(lambda: interface not in self.api.list("virtual-machine-interfaces"), self.controller.output)

    def spoil(self, name):
        """Gives a pod an annotation `uses` that is no text, by a PUT of what protobuf shows of it."""
        import http.client  # pylint: disable=import-outside-toplevel
        api = self.cluster.api
        connection = http.client.HTTPSConnection(api._address.hostname, api._address.port, context=api._tls)  # pylint: disable=protected-access
        path = f"/api/v1/namespaces/{NS}/pods/{name}"
        headers = {"Authorization": f"Bearer {api._token}", "Accept": PROTOBUF, "Content-Type": PROTOBUF}  # pylint: disable=protected-access
        self.cluster.kubectl("annotate", "pod", name, "-n", NS, "--overwrite", "uses=QQ")
        connection.request("GET", path, headers=headers)
        body = connection.getresponse().read()
        spoilt = body.replace(_entry("uses", "QQ"), _entry("uses", BAD))
        self.assertNotEqual(spoilt, body)
        connection.request("PUT", path, spoilt, headers)
        answer = connection.getresponse()
        answer.read()
        self.assertEqual(answer.status, 200)
        connection.close()


if __name__ == "__main__":
    unittest.main()
