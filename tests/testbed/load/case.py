"""What the tests of changes under load say."""

import sys
import time

from bed.case import NAMESPACE, OnGuestbook
from matrix.attempts import SECONDS, attempt
from matrix.flow import Flow, observed
from matrix.wire import Wire

from .bed import LoadTestbed
from .record import KEPT, NEW, answerers, failed, figures, of_kind, silent

CLIENT = f"{NAMESPACE}/client"
EXTERNAL = ("192.0.2.10", 80)
ENOUGH = 50  # requests that show a state


def pod(name, tier, *, namespace=NAMESPACE, uses="", node=None, annotations=None, labels=None,
        port=None):
    """A Pod as an object. `uses`: tiers, with commas between them; `port`: at which it listens."""
    container = {"name": "main", "image": "example.org/app:1"}
    if port:
        container["ports"] = [{"containerPort": port}]
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace,
                         "labels": {"name": tier, **(labels or {})},
                         "annotations": {**({"uses": uses} if uses else {}), **(annotations or {})}},
            "spec": {"containers": [container], **({"nodeName": node} if node else {})}}


def namespace(name):
    """A Namespace as an object."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def service(name, namespace, port, app=None):
    """A Service as an object: of the tier that has its name, for the Pods of an `app` (default:
    that of its name)."""
    return {"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": name, "namespace": namespace, "labels": {"name": name}},
            "spec": {"selector": {"app": app or name}, "ports": [{"port": port}]}}


class UnderLoad(OnGuestbook):
    """guestbook-go, and a Pod that uses all of its tiers and is in none of them."""

    kind = LoadTestbed
    uses = "guestbook,redis-master,redis-slave"

    @classmethod
    def prepare(cls):
        super().prepare()
        cls.bed.apply_objects([pod("client", "client", uses=cls.uses)])
        cls.bed.sync()

    def figure(self, text):
        """A measured value, for people."""
        print(f"    {self.id().rpartition('.')[2]}: {text}", file=sys.stderr, flush=True)

    def load(self, source, service, port=6379, every=0.02):
        """A load on a Service or an address, that has had its first answers."""
        address = self.address(service) if isinstance(service, str) else service
        load = self.enterContext(self.bed.load(source, address, port, every))
        seen = load.wait(ENOUGH // 5, 0) + load.wait(1, 0, KEPT)
        self.assertEqual(failed(seen), [], "the connection was never open")
        return load

    def outside(self, every=0.02):
        """A load from the outside on guestbook's external address."""
        load = self.enterContext(self.bed.load("outside", *EXTERNAL, every))
        self.assertEqual(failed(load.wait(ENOUGH // 5, 0)), [])
        return load

    def reached(self, source, address, port):
        """What comes of one new connection, seen on the wire: a word of matrix.flow."""
        path, flow = self.bed.running.namespace(source), Flow(source, "", "tcp", address, port)
        with Wire({source: path}) as wire:
            outcome = attempt([flow], {source: path}, SECONDS)[flow]
            return observed(flow, outcome, wire.sent()).kind

    def addresses(self):
        """Name → addresses of the Pods of guestbook."""
        found = self.bed.cluster.api.get(f"/api/v1/namespaces/{NAMESPACE}/pods")["items"]
        return {each["metadata"]["name"]: each["status"]["podIPs"] for each in found}

    def annotate(self, name, **annotations):
        """Changes annotations of a Pod (namespace/name); returns when that began."""
        return self.change(name, {"annotations": annotations})

    def change(self, name, metadata):
        """Changes the metadata of a Pod by one call; returns when that began."""
        namespace, _, plain = name.partition("/")
        began = time.monotonic()
        self.bed.cluster.api.merge(f"/api/v1/namespaces/{namespace}/pods/{plain}",
                                   {"metadata": metadata})
        return began

    def assert_closed(self, load, source, address, port=6379):
        """From now on no request is answered, and their packets are on the wire."""
        closed = time.monotonic()
        with Wire({source: self.bed.running.namespace(source)}) as wire:
            seen = load.wait(ENOUGH, closed)
            self.assertIn((source, "tcp", address, port), wire.sent())
        new = of_kind(seen, NEW)
        self.assertEqual(len(silent(new)), len(new), figures(new))
        load.wait_until(lambda: any(record.ended > closed for record in silent(
            of_kind(load.records(), KEPT))), 30, "a request of the kept connection")
        late = [record for record in of_kind(load.records(), KEPT) if record.begun > closed]
        self.assertEqual(answerers(late), set())

    def assert_open(self, load, count=ENOUGH):
        """From now on each request is answered; their records."""
        seen = of_kind(load.wait(count), NEW)
        self.assertEqual(failed(seen), [])
        return seen

    def assert_never_stopped(self, load, what, kept=True):
        """No request has failed, nor has a kept connection ended."""
        seen = load.end() if kept else of_kind(load.end(), NEW)
        self.figure(f"{what}: {figures(of_kind(seen, NEW))}")
        self.assertEqual([record for record in seen if record.outcome != "open"], [], what)

    def scale(self, deployment, count):
        """Asks for so many Pods, and waits for nothing."""
        self.bed.cluster.kubectl("--namespace", NAMESPACE, "scale", "deployment", deployment,
                                 f"--replicas={count}")
