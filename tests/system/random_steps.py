"""Random changes to a small cluster: few names, so that they meet."""

import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", "control-plane")]

from controlplane.api import ApiError  # noqa: E402  (needs the path above)

from oracle.cluster import STATE  # noqa: E402

NAMESPACES = ("red", "blue")
_TIERS = (None, "web", "web", "db", "db", "service-web", "default", "default-network", "A.b", "default-virtual-network")
_USES = (None, "web", "db", "web,db", " web , db ,", '["db", "web"]', '["db", 3]', "[broken", "not/a/tier,web",
         "service-web", "default", "nowhere")
_PORTS = (
    [{"port": 80}],
    [{"port": 80, "targetPort": 3000}],
    [{"name": "a", "port": 80}, {"name": "b", "port": 53, "protocol": "UDP", "targetPort": 5353}],
    [{"name": "a", "port": 80, "targetPort": "http"}, {"name": "b", "port": 443}],
    [{"name": "a", "port": 80, "targetPort": "http"}],
)
_EXTERNAL = ([], [], ["192.0.2.10"], ["192.0.2.11", "192.0.2.10"], ["192.0.2.12"], ["192.0.2.254", "192.0.2.11"],
             ["203.0.113.1", "192.0.2.13"])
_STATES = (None, "not json", '{"uuid": "forged", "ipAddress": "10.0.0.99"}')
_PLURALS = {"Deployment": "/apis/apps/v1/namespaces/{}/deployments", "Pod": "/api/v1/namespaces/{}/pods",
            "Service": "/api/v1/namespaces/{}/services",
            "EndpointSlice": "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices"}
_VERSIONS = {"Deployment": "apps/v1", "EndpointSlice": "discovery.k8s.io/v1"}


class RandomSteps:
    """Changes a cluster through its API, one step at a time. What the API server refuses has no effect."""

    def __init__(self, api, random):
        self._api, self._random = api, random
        self.log = []
        self._choices = (
            (3, self._namespace), (14, self._deploy), (10, self._scale), (4, self._undeploy), (8, self._pod),
            (5, self._drop_pod), (8, self._relabel_pod), (5, self._use), (9, self._readiness), (4, self._complete),
            (14, self._service), (6, self._drop_service), (10, self._change_service), (7, self._slice), (4, self._forge))

    def step(self):
        """One of them."""
        weights, functions = zip(*self._choices)
        self._random.choices(functions, weights)[0]()

    def make_namespace(self, name):
        """With the account that pods need, which the controller manager would be slower to make."""
        self._do("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        self._do("POST", f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})

    def clean_up(self):
        """Everything goes."""
        for name in NAMESPACES:
            self._do("DELETE", f"/api/v1/namespaces/{name}")

    def _do(self, method, path, body=None):
        content = "application/strategic-merge-patch+json" if method == "PATCH" else "application/json"
        try:
            self._api.text(method, path, body, content)
            said = ""
        except ApiError as error:
            said = f" → {error.code}"
        self.log.append(f"{method} {path} {json.dumps(body) if body else ''}{said}")
        return not said

    def _one(self, choices):
        return self._random.choice(choices)

    def _chance(self, share):
        return self._random.random() < share

    def _make(self, kind, namespace, name, metadata=None, **rest):
        body = dict(rest, apiVersion=_VERSIONS.get(kind, "v1"), kind=kind, metadata=dict(metadata or {}, name=name))
        return self._do("POST", _PLURALS[kind].format(namespace), body)

    def _path(self, kind, key):
        return f"{_PLURALS[kind].format(key[0])}/{key[1]}"

    def _some(self, kind):
        """(namespace, name) of one that is there."""
        keys = [(namespace, item["metadata"]["name"]) for namespace in NAMESPACES
                for item in self._api.get(_PLURALS[kind].format(namespace))["items"]]
        return self._one(sorted(keys)) if keys else None

    def _namespace(self):
        name = self._one(NAMESPACES)
        if not self._do("DELETE", f"/api/v1/namespaces/{name}"):
            self.make_namespace(name)

    def _meta(self, more=()):
        labels = {"name": self._one(_TIERS), "uses": self._one((None, "web", "db")), **dict(more)}
        return {"labels": {key: value for key, value in labels.items() if value is not None},
                "annotations": {"uses": self._one(_USES) or ""}}

    def _pod_spec(self):
        ports = [{"name": "http", "containerPort": self._one((8080, 8080, 8081))}] if self._chance(0.7) else []
        return {"terminationGracePeriodSeconds": 0,
                "containers": [{"name": "main", "image": "example.net/app:1", "ports": ports}]}

    def _deploy(self):
        namespace, name = self._one(NAMESPACES), self._one(("d0", "d1", "d2"))
        template = {"metadata": self._meta({"app": name}.items()), "spec": self._pod_spec()}
        spec = {"replicas": self._random.randrange(4), "selector": {"matchLabels": {"app": name}}, "template": template}
        if not self._make("Deployment", namespace, name, spec=spec):
            template["metadata"]["labels"] = {key: template["metadata"]["labels"].get(key)
                                              for key in ("app", "name", "uses")}
            self._do("PATCH", self._path("Deployment", (namespace, name)), {"spec": {"template": template}})

    def _scale(self):
        if key := self._some("Deployment"):
            self._do("PATCH", self._path("Deployment", key), {"spec": {"replicas": self._random.randrange(5)}})

    def _undeploy(self):
        if key := self._some("Deployment"):
            self._do("DELETE", self._path("Deployment", key))

    def _pod(self):
        namespace, name = self._one(NAMESPACES), self._one(("p0", "p1", "p2"))
        spec = self._pod_spec()
        if self._chance(0.15):
            spec.update(hostNetwork=True)
            spec["containers"][0]["ports"] = []
        metadata = self._meta({"app": self._one(("d0", "d1", "bare"))}.items())
        if self._chance(0.2):
            metadata["annotations"][STATE] = self._one(_STATES[1:])
        self._make("Pod", namespace, name, metadata, spec=spec)

    def _drop_pod(self):
        if key := self._some("Pod"):
            self._do("DELETE", self._path("Pod", key))

    def _patch_pod(self, metadata):
        if key := self._some("Pod"):
            self._do("PATCH", self._path("Pod", key), {"metadata": metadata})

    def _relabel_pod(self):
        self._patch_pod({"labels": {"name": self._one(_TIERS)}})

    def _use(self):
        self._patch_pod({"annotations": {"uses": self._one(_USES)}, "labels": {"uses": self._one((None, "web", "db"))}})

    def _readiness(self):
        self._patch_pod({"annotations": {"test.opencontrail.org/ready": self._one(("false", None))}})

    def _complete(self):
        self._patch_pod({"annotations": {"test.opencontrail.org/phase": self._one(("Succeeded", "Failed"))}})

    def _forge(self):
        self._patch_pod({"annotations": {STATE: self._one(_STATES)}})

    def _service(self):
        namespace, name = self._one(NAMESPACES), self._one(("s0", "s1", "s2", "s3"))
        spec = {"ports": self._one(_PORTS), "selector": {"app": self._one(("d0", "d1", "d2", "bare"))}}
        kind = self._one(("ClusterIP", "ClusterIP", "ClusterIP", "headless", "NodePort", "LoadBalancer", "ExternalName",
                          "manual", "manual"))
        if kind == "headless":
            spec["clusterIP"] = "None"
        elif kind == "ExternalName":
            spec.update(type=kind, externalName="example.net")
        elif kind == "manual":
            del spec["selector"]
        elif kind == "LoadBalancer":  # another implementation's
            spec.update(type=kind, loadBalancerClass="example.net/other")
        else:
            spec["type"] = kind
        if kind not in ("headless", "ExternalName"):
            spec["externalIPs"] = self._one(_EXTERNAL)
        spec["publishNotReadyAddresses"] = self._chance(0.2)
        self._do("DELETE", self._path("Service", (namespace, name)))
        self._make("Service", namespace, name, self._meta(), spec=spec)

    def _drop_service(self):
        if key := self._some("Service"):
            self._do("DELETE", self._path("Service", key))

    def _change_service(self):
        if not (key := self._some("Service")):
            return
        change = self._one(("tier", "ports", "addresses", "selector"))
        path = self._path("Service", key)
        spec = self._api.get(path)["spec"]
        if change == "tier":
            self._do("PATCH", path, {"metadata": {"labels": {"name": self._one(_TIERS)}}})
        elif change == "ports":
            self._do("PATCH", path, {"spec": {"ports": [{"$patch": "replace"}, *self._one(_PORTS)]}})
        elif change == "selector" and spec.get("selector"):
            self._do("PATCH", path, {"spec": {"selector": {"app": self._one(("d0", "d1", "bare"))}}})
        elif spec["type"] != "ExternalName" and spec.get("clusterIP") != "None":
            self._do("PATCH", path, {"spec": {"externalIPs": self._one(_EXTERNAL)}})

    def _slice(self):
        """By hand: for a Service without a selector, of pods of any Namespace, and of strangers."""
        key = self._some("Service")
        if not key or self._api.get(self._path("Service", key))["spec"].get("selector"):
            return
        pods = [item for namespace in NAMESPACES for item in self._api.get(_PLURALS["Pod"].format(namespace))["items"]
                if self._chance(0.5 if namespace == key[0] else 0.05)]
        endpoints = [{"addresses": [item["status"].get("podIP", "10.0.77.77")],
                      "conditions": {"ready": self._chance(0.8), "terminating": self._chance(0.1)},
                      "targetRef": {"kind": "Pod", "namespace": item["metadata"]["namespace"],
                                    "name": item["metadata"]["name"], "uid": item["metadata"]["uid"]}} for item in pods]
        if self._chance(0.2):
            endpoints.append({"addresses": ["198.51.100.7"], "conditions": {"ready": True}})
        name = f"{key[1]}-by-hand"
        self._do("DELETE", self._path("EndpointSlice", (key[0], name)))
        self._make("EndpointSlice", key[0], name, {"labels": {"kubernetes.io/service-name": key[1]}},
                   addressType="IPv4", endpoints=endpoints, ports=[{"name": "", "port": 8080, "protocol": "TCP"}])
