"""Hostile tenants. Each has the role `edit` in its own Namespace, and tries to harm other
tenants from there.

Acts that `edit` does not allow are left out. Only the controller may write the Pod annotation (a
forged one is refused) and the status of a Service, so that there is no fight over either."""

import collections
import contextlib
import http.client
import json
import random
import threading

from controlplane.api import ApiError
from oracle.cluster import STATE
from war_client import MERGE, PROTOBUF, Client, pod_bytes, service_bytes, slice_bytes

_TIERS = ("web", "db", "service-web", "default", "default-network", "default-virtual-network", "peace-0", "A.b",
          "t" * 63)
_NAMES = ("default-project", "peace-0", "service-default", "addr-alloc", "public", "kubernetes", "kube-dns")
_MOST_PODS = 30  # per tenant, to limit the load


def is_hostile(namespace):
    """Whether a Namespace belongs to a hostile tenant."""
    return str(namespace).startswith("war-")


def make_namespace(admin, name):
    """Makes a Namespace and its default ServiceAccount, for which the controller manager needs
    longer."""
    admin.text("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    _make(admin, "/api/v1", name, "serviceaccounts", {"metadata": {"name": "default"}})


def make_tenant(admin, name):
    """Makes a Namespace with the account `author`, which has `edit` and may write
    EndpointSlices. Kubernetes 1.22 removed that right from `edit`, and many clusters grant it
    again."""
    make_namespace(admin, name)
    group, rbac = "rbac.authorization.k8s.io", "/apis/rbac.authorization.k8s.io/v1"
    _make(admin, "/api/v1", name, "serviceaccounts", {"metadata": {"name": "author"}})
    _make(admin, rbac, name, "roles", {"metadata": {"name": "slices"}, "rules": [
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["*"]}]})
    for kind, role in (("ClusterRole", "edit"), ("Role", "slices")):
        _make(admin, rbac, name, "rolebindings", {
            "metadata": {"name": role}, "roleRef": {"apiGroup": group, "kind": kind, "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": "author", "namespace": name}]})


def _make(admin, group, namespace, plural, body):
    try:
        admin.text("POST", f"{group}/namespaces/{namespace}/{plural}", body)
    except ApiError as error:
        if error.code != 409:
            raise


class Prey:
    """What hostile tenants know of the peaceful ones: public addresses, one Pod's state, the
    Pods, and the port of the metrics."""

    def __init__(self, addresses, state, pods, port):
        self.addresses, self.state, self.pods, self.port = addresses, state, pods, port


class Tenant:
    """Performs random acts, with a pause between them, until stop(). `done` and `refused` count
    the acts."""

    def __init__(self, cluster, number, seed, prey, pause, only=()):
        self.ns, self.prey, self._pause = f"war-{number}", prey, pause
        self.done, self.refused, self.failed = collections.Counter(), collections.Counter(), []
        self.recent = collections.deque(maxlen=200)  # acts, for the report on slow Pods
        self._random = random.Random(f"{seed} {number}")
        self._client = Client(cluster, cluster.token(self.ns, "author", 7200))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.ns, daemon=True)
        acts = {name.removeprefix("act_"): getattr(self, name) for name in dir(self) if name.startswith("act_")}
        self._acts = [(name, act) for name, act in sorted(acts.items()) if not only or name in only]
        self._left = []
        self._number = 0

    def start(self):
        """Starts the thread of the acts."""
        self._thread.start()

    def join(self, seconds):
        """Waits for the end of the thread. Call stop() first."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"{self.ns} does not end"

    def _run(self):
        while not self._ended.wait(self._random.uniform(0.5, 1.5) * self._pause):
            if not self._left:
                self._left = self._random.sample(self._acts, len(self._acts))
            name, act = self._left.pop()
            self.recent.append(name)
            try:
                act()
                self.done[name] += 1
            except ApiError as error:
                self.refused[f"{name}: {error.code}"] += 1
            except OSError as error:
                self.failed.append(f"{name}: {error}")
        self._client.close()

    def stop(self):
        """Ends the thread after the current act."""
        self._ended.set()

    # --- Building blocks of the acts

    def _path(self, plural, name=""):
        group = {"endpointslices": "/apis/discovery.k8s.io/v1", "deployments": "/apis/apps/v1"}.get(plural, "/api/v1")
        return f"{group}/namespaces/{self.ns}/{plural}" + (f"/{name}" if name else "")

    def _new(self, prefix):
        self._number += 1
        return f"{prefix}-{self._number}"

    def _one(self, choices):
        return self._random.choice(choices)

    def _post(self, plural, body, content="application/json"):
        self._client.text("POST", self._path(plural), body, content)

    def _patch(self, plural, name, body):
        self._client.text("PATCH", self._path(plural, name), body, MERGE)

    def _delete(self, plural, name):
        end = "?gracePeriodSeconds=0" if plural == "pods" else ""
        self._client.text("DELETE", self._path(plural, name) + end)

    def _gone(self, plural, name):
        """Deletes an object if it exists."""
        try:
            self._delete(plural, name)
        except ApiError as error:
            if error.code != 404:
                raise

    def _names_of(self, plural):
        return [item["metadata"]["name"] for item in self._client.get(self._path(plural))["items"]]

    def _pod(self, name, labels=None, annotations=None, runs=False, **container):
        spec = {"terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False,
                "containers": [{"name": "main", "image": "example.net/app:1", **container}]}
        if not runs:
            spec["schedulerName"] = "none"
        self._post("pods", {"apiVersion": "v1", "kind": "Pod", "metadata": {
            "name": name, "labels": labels or {}, "annotations": annotations or {}}, "spec": spec})

    def _service(self, name, labels=None, **spec):
        spec = {"selector": {"app": "none"}, "ports": [{"port": 80}], **spec}
        self._post("services", {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": labels or {}},
                                "spec": spec})

    def _make_room(self):
        """Deletes random Pods above the limit."""
        names = self._names_of("pods")
        for name in self._random.sample(names, max(0, len(names) - _MOST_PODS)):
            self._gone("pods", name)

    # --- Huge and unusual values

    def act_huge_uses(self):
        """An annotation with tens of thousands of names."""
        name = f"huge-{self._random.randrange(4)}"
        self._gone("pods", name)
        names = (f"t{self._random.randrange(10**6)}" for _ in range(32000))
        self._pod(name, {"name": "huge"}, {"uses": ",".join(names)[:255000]})

    def act_odd_uses(self):
        """An annotation that does not parse."""
        name = f"odd-{self._random.randrange(3)}"
        self._gone("pods", name)
        text = self._one(("[" * 20000, "[broken", ",".join(f"b%{i}" for i in range(3000)), "\x1b[31m,\x00".replace("\x00", ""),
                          json.dumps(["x" * 300] * 500), '["a",' * 4000, "ü" * 60000))
        self._pod(name, {"name": "odd"}, {"uses": text})

    def act_bytes(self):
        """Texts that are not UTF-8."""
        name = f"bytes-{self._random.randrange(3)}"
        kind = self._one(("pods", "services", "endpointslices"))
        self._gone(kind, name)
        if kind == "pods":
            body = pod_bytes(name, self.ns, {"name": "web"}, {"uses": b"\xff\xfe"})
        elif kind == "services":
            body = service_bytes(name, self.ns, {"name": "web"}, b"\xff\xfe")
        else:
            body = slice_bytes(name, self.ns, "ports", b"\xff\xfe")
        self._post(kind, body, PROTOBUF)

    def act_ports(self):
        """A Service with thousands of named target ports, in front of Pods with as many."""
        self._gone("services", "ports")
        ports = [{"name": f"p{i}", "port": i + 1, "targetPort": f"n{i}"} for i in range(2000)]
        self._service("ports", {"name": "ports"}, selector={"app": "ports"}, ports=ports)
        for pod in ("ports-0", "ports-1"):
            self._gone("pods", pod)
            self._pod(pod, {"app": "ports", "name": "ports"}, runs=True,
                      ports=[{"name": f"n{i}", "containerPort": 10000 + i} for i in range(2000)])

    def act_slices(self):
        """Slices with thousands of endpoints that name missing Pods and peaceful Pods."""
        name = f"slice-{self._random.randrange(4)}"
        self._gone("endpointslices", name)
        endpoints = []
        for i in range(1000):
            target = self._one(self.prey.pods) if i % 3 == 0 else (self.ns, f"none-{i}", f"uid-{self._random.random()}")
            endpoints.append({"addresses": [f"10.0.{i // 250}.{i % 250 + 1}"], "conditions": {"ready": True}, "targetRef": {
                "kind": "Pod", "namespace": target[0], "name": target[1], "uid": target[2]}})
        self._post("endpointslices", {
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": name, "labels": {"kubernetes.io/service-name": self._one(("ports", "flap", "manual"))}},
            "ports": [{"name": f"p{i}", "port": self._random.randrange(1, 65535)} for i in range(50)], "endpoints": endpoints})

    def act_many_slices(self):
        """Slices that name the same Pods, each with other ports."""
        for name in [name for name in self._names_of("endpointslices") if name.startswith("many")]:
            self._gone("endpointslices", name)
        pods = self._client.get(self._path("pods"))["items"][:4]
        targets = [{"addresses": ["10.1.0.1"], "conditions": {"ready": True}, "targetRef": {
            "kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}} for pod in pods]
        for i in range(40):
            self._post("endpointslices", {
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {"name": f"many-{i}", "labels": {"kubernetes.io/service-name": "ports"}},
                "ports": [{"name": f"p{k}", "port": 1 + i + k} for k in range(500)], "endpoints": targets})

    def act_long_texts(self):
        """Long texts that the API server does not validate."""
        self._gone("services", "long")
        self._service("long", {"name": "long"}, type="LoadBalancer", loadBalancerIP="1" * 200_000,
                      loadBalancerSourceRanges=[f"198.18.{i // 250}.{i % 250}/32" for i in range(5000)])
        self._gone("endpointslices", "long")
        self._post("endpointslices", {
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": "long", "labels": {"kubernetes.io/service-name": "long"}},
            "ports": [{"name": "http", "port": 80}],
            "endpoints": [{"addresses": ["10.1.0.1"], "targetRef": {"kind": "Pod", "name": "n" * 100_000, "uid": "u" * 100_000}}]})

    def act_headless(self):
        """A headless Service in front of Pods whose readiness changes, and one with a named
        target port."""
        for name, spec in (("headless", {"clusterIP": "None"}), ("named", {"ports": [{"port": 80, "targetPort": "n0"}]})):
            self._gone("services", name)
            self._service(name, {"name": name}, selector={"app": "ports"}, **spec)
        for pod in ("ports-0", "ports-1"):
            if pod in self._names_of("pods"):
                self._patch("pods", pod, {"metadata": {"annotations": {"test.opencontrail.org/ready": self._one(("false", None))}}})

    def act_scrape(self):
        """Many readers of the metrics at once. Half of them leave before their answer."""
        readers = [http.client.HTTPConnection("127.0.0.1", self.prey.port, timeout=10) for _ in range(20)]
        # The program closes connections above its limit.
        with contextlib.suppress(OSError, http.client.HTTPException):
            for reader in readers:
                reader.request("GET", "/metrics")
            for reader in readers[10:]:
                reader.getresponse().read()
        for reader in readers:
            reader.close()

    # --- Addresses

    def act_all_addresses(self):
        """A Service that claims the whole public range."""
        self._gone("services", "greedy")
        self._service("greedy", {"name": "greedy"}, externalIPs=[f"192.0.2.{i}" for i in range(1, 253)])

    def act_steal(self):
        """An older Service that is edited to claim a peaceful Service's address."""
        if "thief" not in self._names_of("services"):
            self._service("thief", {"name": "thief"})
        address = self._one(self.prey.addresses)
        self._patch("services", "thief", {"spec": self._one((
            {"externalIPs": [address]}, {"externalIPs": list(self.prey.addresses)}, {"externalIPs": []},
            {"type": "LoadBalancer", "loadBalancerIP": address}))})

    def act_exchange(self):
        """Two load balancers that request each other's address in turn."""
        pair = ("192.0.2.201", "192.0.2.202")
        there = self._names_of("services")
        for name, address in zip(("left", "right"), pair):
            if name not in there:
                self._service(name, {"name": name}, type="LoadBalancer", loadBalancerIP=address)
                continue
            now = self._client.get(self._path("services", name))["spec"].get("loadBalancerIP")
            self._patch("services", name, {"spec": {"loadBalancerIP": pair[now == pair[0]]}})

    def act_flap(self):
        """A Service that is created, changes its type, and is deleted."""
        if "flap" not in self._names_of("services"):
            return self._service("flap", {"name": self._one(_TIERS)}, type=self._one(("ClusterIP", "NodePort", "LoadBalancer")))
        if self._random.random() < 0.3:
            return self._delete("services", "flap")
        return self._patch("services", "flap", {"metadata": {"labels": {"name": self._one(_TIERS)}}, "spec": {
            "type": self._one(("ClusterIP", "NodePort", "LoadBalancer")), "externalIPs": [f"192.0.2.{self._random.randrange(1, 250)}"]}})

    # --- Identity

    def act_forge(self):
        """A Pod created with another Pod's state."""
        name = self._new("forged")
        self._pod(name, {"name": "web"}, {STATE: self.prey.state})

    def act_forge_later(self):
        """An existing Pod that gets another Pod's state."""
        names = self._names_of("pods")
        if names:
            self._patch("pods", self._one(names), {"metadata": {"annotations": {STATE: self._one((self.prey.state, None, ""))}}})

    def act_names(self):
        """Services and Pods with the names of other tenants' objects."""
        self._make_room()
        name = self._one(_NAMES)
        self._gone("services", name)
        self._gone("pods", name)
        self._service(name, {"name": self._one(_TIERS)}, externalIPs=[self._one(self.prey.addresses)])
        self._pod(name, {"name": self._one(_TIERS), "uses": self._one(("web", "db", "peace-0"))}, runs=True)

    # --- Churn

    def act_relabel(self):
        """Labels that change often."""
        names = self._names_of("pods")
        for name in self._random.sample(names, min(5, len(names))):
            self._patch("pods", name, {"metadata": {"labels": {"name": self._one(_TIERS)}, "annotations": {
                "uses": ",".join(f"s{self._random.randrange(200)}" for _ in range(200))}}})

    def act_ready(self):
        """Readiness that changes often."""
        names = [name for name in self._names_of("pods") if not name.startswith("mass")]
        for name in self._random.sample(names, min(5, len(names))):
            self._patch("pods", name, {"metadata": {"annotations": {
                "test.opencontrail.org/ready": self._one(("false", None))}}})

    def act_mass(self):
        """Many Pods of many tiers, created and deleted together."""
        self._make_room()
        for _ in range(8):
            self._pod(self._new("mass"), {"name": f"m{self._random.randrange(40)}", "uses": self._one(("web", "ports"))})
        if self._random.random() < 0.4:
            for name in [name for name in self._names_of("pods") if name.startswith("mass")]:
                self._gone("pods", name)

    def act_services(self):
        """Many Services in the tiers that the Pods use."""
        there = [name for name in self._names_of("services") if name.startswith("svc")]
        for name in there[:10]:
            self._gone("services", name)
        for _ in range(5):
            self._service(self._new("svc"), {"name": f"s{self._random.randrange(200)}"})
