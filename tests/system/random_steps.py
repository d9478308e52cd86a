"""Random changes to a small cluster. There are few names, so that the changes collide."""

import collections
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", "control-plane")]

from controlplane.api import ApiError  # noqa: E402  (needs the path above)

from oracle.cluster import STATE  # noqa: E402
from random_outside import OutsideSteps  # noqa: E402
from random_services import ServiceSteps  # noqa: E402

_TIERS = (None, "web", "web", "db", "db", "service-web", "default", "default-network", "A.b", "default-virtual-network",
          "oracle")
_USES = (None, "web", "db", "web,db", " web , db ,", '["db", "web"]', '["db", 3]', "[broken", "not/a/tier,web",
         "service-web", "default", "nowhere", "oracle", '["attic", "oracle"]')
_STATES = (None, "not json", '{"uuid": "forged", "ipAddress": "10.0.0.99"}')
_PLURALS = {"Deployment": "/apis/apps/v1/namespaces/{}/deployments", "Pod": "/api/v1/namespaces/{}/pods",
            "Service": "/api/v1/namespaces/{}/services",
            "EndpointSlice": "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices"}
_VERSIONS = {"Deployment": "apps/v1", "EndpointSlice": "discovery.k8s.io/v1"}
_RESERVED = ("default-project", "legacy")  # Namespaces that no objects are made for


class RandomSteps:
    """Random changes, one at a time: to the cluster, and to the config API as other clients make
    them. A change that a server refuses has no effect. `done` counts the changes that had one."""

    namespaces = ("red", "blue")

    def __init__(self, api, config_api, world, random):
        self.api, self._random = api, random
        self.log, self.done = [], collections.Counter()
        self._outside = OutsideSteps(config_api, world, random, self.log, self.did)
        services, outside = ServiceSteps(self, world), self._outside
        self._deck = [function for times, function in (
            (1, self._namespace), (3, self._deploy), (2, self._scale), (1, self._undeploy), (2, self._pod),
            (1, self._drop_pod), (2, self._relabel_pod), (2, self._use), (2, self._readiness), (1, self._complete),
            (1, self._forge), (2, self._reserved), (2, services.make), (1, services.make_headless),
            (1, services.make_manual), (1, services.drop), (3, services.change), (1, services.wish),
            (1, services.families), (2, services.slice), (2, services.balance), (2, services.request),
            (1, services.release), (1, services.forge_status), (1, services.status_of_others), (4, outside.network),
            (1, outside.network_of_another_owner), (2, outside.address)) for _ in range(times)]
        self._left = []

    def step(self):
        """Makes one change. The changes are drawn like cards from a deck, so that none is
        missing for long."""
        if not self._left:
            self._left = self._random.sample(self._deck, len(self._deck))
        self._left.pop()()

    def take_foreign(self):
        """The public addresses that other clients took or released since the last call."""
        out, self._outside.foreign = self._outside.foreign, set()
        return out

    def make_namespace(self, name):
        """Makes a Namespace and its default ServiceAccount, for which the controller manager
        needs longer."""
        if self.do("POST", "/api/v1/namespaces", {"metadata": {"name": name}}):
            self.did("a Namespace is created")
        self.do("POST", f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})

    def begin(self):
        """Makes what every run needs: Namespaces, external networks, and Pods that use them."""
        for name in self.namespaces:
            self.make_namespace(name)
            self._deployment(name, "d0", 2, {"labels": {"name": "web", "uses": "oracle", "app": "d0"}})
        self._outside.all_networks()

    def others_go(self):
        """Releases the public addresses of other clients."""
        self._outside.addresses_go()

    # --- Building blocks of the changes

    def did(self, what):
        """Counts a change that had an effect."""
        self.done[what] += 1

    def do(self, method, path, body=None):
        """Sends one request, and returns whether the server accepted it."""
        content = "application/strategic-merge-patch+json" if method == "PATCH" else "application/json"
        try:
            self.api.text(method, path, body, content)
            said = ""
        except ApiError as error:
            said = f" → {error.code}"
        self.log.append(f"{method} {path} {json.dumps(body) if body else ''}{said}")
        return not said

    def one(self, choices):
        """One of the choices at random."""
        return self._random.choice(choices)

    def chance(self, share):
        """True with the probability `share`."""
        return self._random.random() < share

    def make(self, kind, namespace, name, metadata=None, **rest):
        """Creates an object, and returns whether the server accepted it."""
        body = dict(rest, apiVersion=_VERSIONS.get(kind, "v1"), kind=kind, metadata=dict(metadata or {}, name=name))
        return self.do("POST", _PLURALS[kind].format(namespace), body)

    @staticmethod
    def path(kind, key):
        """The path of an object."""
        return f"{_PLURALS[kind].format(key[0])}/{key[1]}"

    def items(self, kind, namespace):
        """All objects of a kind in a Namespace."""
        return self.api.get(_PLURALS[kind].format(namespace))["items"]

    def some(self, kind, condition=lambda item: True):
        """The (namespace, name) of a random object that meets the condition; None if there is
        none."""
        keys = [(namespace, item["metadata"]["name"]) for namespace in self.namespaces
                for item in self.items(kind, namespace) if condition(item)]
        return self.one(sorted(keys)) if keys else None

    def tier(self):
        """A value of the label `name`; None for no label."""
        return self.one(_TIERS)

    def metadata(self, more=()):
        """Labels and annotations."""
        labels = {"name": self.tier(), "uses": self.one((None, "web", "db", "oracle")), **dict(more)}
        return {"labels": {key: value for key, value in labels.items() if value is not None},
                "annotations": {"uses": self.one(_USES) or ""}}

    # --- Namespaces, Deployments and Pods

    def _namespace(self):
        name = self.one(self.namespaces)
        if self.do("DELETE", f"/api/v1/namespaces/{name}"):
            self.did("a Namespace is deleted")
        else:
            self.make_namespace(name)

    def _reserved(self):
        """Makes or deletes a Namespace whose project another client owns. No object may be made
        for it."""
        name = self.one(_RESERVED)
        if self.do("POST", "/api/v1/namespaces", {"metadata": {"name": name}}):
            self.make("Service", name, "s0", self.metadata(), spec={"ports": [{"port": 80}], "selector": {"app": "d0"}})
            self.did("a Namespace with a foreign project")
        else:
            self.do("DELETE", f"/api/v1/namespaces/{name}")

    def _pod_spec(self):
        ports = [{"name": "http", "containerPort": self.one((8080, 8080, 8081))}] if self.chance(0.7) else []
        return {"terminationGracePeriodSeconds": 0,
                "containers": [{"name": "main", "image": "example.net/app:1", "ports": ports}]}

    def _deploy(self):
        name = self.one(("d0", "d1", "d2"))
        replicas, metadata = self._random.randrange(4), self.metadata({"app": name}.items())
        self._deployment(self.one(self.namespaces), name, replicas, metadata)

    def _deployment(self, namespace, name, replicas, metadata):
        template = {"metadata": metadata, "spec": self._pod_spec()}
        spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
        made = self.make("Deployment", namespace, name, spec=spec)
        if not made:
            template["metadata"]["labels"] = {key: metadata["labels"].get(key) for key in ("app", "name", "uses")}
            made = self.do("PATCH", self.path("Deployment", (namespace, name)), {"spec": {"template": template}})
        if made:
            self.did("a Deployment")

    def _scale(self):
        if (key := self.some("Deployment")) and self.do(
                "PATCH", self.path("Deployment", key), {"spec": {"replicas": self.one((0, 1, 2, 3, 4, 3))}}):
            self.did("a Deployment is scaled")

    def _undeploy(self):
        if (key := self.some("Deployment")) and self.do("DELETE", self.path("Deployment", key)):
            self.did("a Deployment is deleted")

    def _pod(self):
        namespace, name = self.one(self.namespaces), self.one(("p0", "p1", "p2"))
        spec = self._pod_spec()
        if self.chance(0.15):
            spec.update(hostNetwork=True)
            spec["containers"][0]["ports"] = []
        metadata = self.metadata({"app": self.one(("d0", "d1", "bare"))}.items())
        if self.chance(0.2):
            metadata["annotations"][STATE] = self.one(_STATES[1:])
        if self.make("Pod", namespace, name, metadata, spec=spec):
            self.did("a Pod")

    def _drop_pod(self):
        if (key := self.some("Pod")) and self.do("DELETE", self.path("Pod", key)):
            self.did("a Pod is deleted")

    def _patch_pod(self, what, metadata):
        if (key := self.some("Pod")) and self.do("PATCH", self.path("Pod", key), {"metadata": metadata}):
            self.did(what)

    def _relabel_pod(self):
        self._patch_pod("a Pod moves", {"labels": {"name": self.tier()}})

    def _use(self):
        self._patch_pod("a Pod uses", {"annotations": {"uses": self.one(_USES)},
                                       "labels": {"uses": self.one((None, "web", "db", "oracle"))}})

    def _readiness(self):
        self._patch_pod("a Pod's readiness", {"annotations": {"test.opencontrail.org/ready": self.one(("false", None))}})

    def _complete(self):
        self._patch_pod("a Pod ends", {"annotations": {"test.opencontrail.org/phase": self.one(("Succeeded", "Failed"))}})

    def _forge(self):
        self._patch_pod("a forged annotation", {"annotations": {STATE: self.one(_STATES)}})
