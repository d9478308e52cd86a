"""Random changes to Services, their addresses and their endpoints."""

from random_world import OURS, THEIRS

_PORTS = (
    [{"port": 80}],
    [{"port": 80, "targetPort": 3000}],
    [{"name": "a", "port": 80}, {"name": "b", "port": 53, "protocol": "UDP", "targetPort": 5353}],
    [{"name": "a", "port": 80, "targetPort": "http"}, {"name": "b", "port": 443}],
    [{"name": "a", "port": 80, "targetPort": "http"}],
)
_KINDS = ("ClusterIP", "ClusterIP", "headless", "NodePort", "LoadBalancer", "ExternalName", "manual")
# Settings of a Service that the config API cannot express, and the values that remove them.
_WISHES = (("sessionAffinity", "ClientIP", "None"), ("internalTrafficPolicy", "Local", "Cluster"),
           ("externalTrafficPolicy", "Local", "Cluster"), ("loadBalancerSourceRanges", ["198.51.100.0/24"], None))


class ServiceSteps:
    """Single changes, which `hands` (RandomSteps) carries out."""

    def __init__(self, hands, world):
        self._hands, self._world = hands, world
        self._one, self._chance, self._do = hands.one, hands.chance, hands.do

    def make(self):
        """Makes a Service of any kind, in place of a former one of its name."""
        self._make(self._one(_KINDS))

    def make_headless(self):
        """Makes a headless Service."""
        self._make("headless")

    def make_manual(self):
        """Makes a Service without a selector."""
        self._make("manual")

    def _make(self, kind, **more):
        key = self._one(self._hands.namespaces), self._one(("s0", "s1", "s2", "s3"))
        spec = {"ports": self._one(_PORTS), "selector": {"app": self._one(("d0", "d1", "d2", "bare"))},
                "publishNotReadyAddresses": self._chance(0.2)}
        if kind == "headless":
            spec["clusterIP"] = "None"
        elif kind == "ExternalName":
            spec.update(type=kind, externalName="example.net")
        elif kind == "manual":
            del spec["selector"]
        elif kind == "LoadBalancer":
            spec.update(self._balanced())
            if self._chance(0.3):
                del spec["selector"]
        else:
            spec["type"] = kind
        if kind not in ("headless", "ExternalName"):
            spec.update(self._one(self._world.families), externalIPs=self._one(self._world.external))
        spec.update(more)
        self._do("DELETE", self._hands.path("Service", key))
        if self._hands.make("Service", *key, self._hands.metadata(), spec=spec):
            self._hands.did(f"a {kind} Service")
            return key
        return None

    def _balanced(self):
        spec = {"type": "LoadBalancer", "loadBalancerClass": self._one((None, OURS, OURS, THEIRS)),
                "loadBalancerIP": self._one(self._world.requests)}
        return {name: value for name, value in spec.items() if value is not None}

    def drop(self):
        """Deletes one Service."""
        if key := self._hands.some("Service"):
            if self._do("DELETE", self._hands.path("Service", key)):
                self._hands.did("a Service is deleted")

    def change(self):
        """Changes one field of a Service."""
        if not (key := self._hands.some("Service")):
            return
        change = self._one(("tier", "ports", "addresses", "selector"))
        path = self._hands.path("Service", key)
        spec = self._hands.api.get(path)["spec"]
        if change == "tier":
            done = self._do("PATCH", path, {"metadata": {"labels": {"name": self._hands.tier()}}})
        elif change == "ports":
            done = self._do("PATCH", path, {"spec": {"ports": [{"$patch": "replace"}, *self._one(_PORTS)]}})
        elif change == "selector" and spec.get("selector"):
            done = self._do("PATCH", path, {"spec": {"selector": {"app": self._one(("d0", "d1", "bare"))}}})
        else:
            done = spec["type"] != "ExternalName" and spec.get("clusterIP") != "None" and self._do(
                "PATCH", path, {"spec": {"externalIPs": self._one(self._world.external)}})
        if done:
            self._hands.did("a Service changes")

    def wish(self):
        """Adds or removes a setting that the config API cannot express."""
        key = self._hands.some("Service", lambda item: item["spec"]["type"] in ("LoadBalancer", "NodePort"))
        if key := key or self._make(self._one(("LoadBalancer", "NodePort"))):
            name, wished, back = self._one(_WISHES)
            if self._do("PATCH", self._hands.path("Service", key), {"spec": {name: self._one((wished, wished, back))}}):
                self._hands.did("a setting that the config API cannot express")

    def families(self):
        """Adds or removes the second address family of a Service."""
        if len(self._world.families) == 1:
            return
        key = self._hands.some("Service", lambda item: item["spec"].get("clusterIP") not in (None, "None"))
        if key := key or self._make("ClusterIP"):
            path = self._hands.path("Service", key)
            one = self._hands.api.get(path)["spec"]["ipFamilyPolicy"] == "SingleStack"
            if self._do("PATCH", path, {"spec": {"ipFamilyPolicy": "PreferDualStack" if one else "SingleStack"}}):
                self._hands.did("a Service gets or loses a family")

    def balance(self):
        """Makes a Service of type LoadBalancer."""
        self._make("LoadBalancer")

    def _some_balanced(self, *classes):
        """A LoadBalancer Service of one of these classes; one is made if there is none."""
        key = self._hands.some("Service", lambda item: item["spec"]["type"] == "LoadBalancer"
                               and item["spec"].get("loadBalancerClass") in classes)
        return key or self._make("LoadBalancer", loadBalancerClass=classes[0])

    def request(self):
        """Requests another load-balancer address."""
        if key := self._some_balanced(OURS, None):
            spec = {"loadBalancerIP": self._one(self._world.requests)}
            if self._do("PATCH", self._hands.path("Service", key), {"spec": spec}):
                self._hands.did("a request of a load-balancer address")

    def release(self):
        """Changes a LoadBalancer Service to another type, or back."""
        key = self._hands.some("Service", lambda item: item["spec"]["type"] in ("LoadBalancer", "ClusterIP")
                               and item["spec"].get("clusterIP") != "None")
        if not (key := key or self._make("LoadBalancer")):
            return
        path = self._hands.path("Service", key)
        balanced = self._hands.api.get(path)["spec"]["type"] == "LoadBalancer"
        spec = {"type": "ClusterIP", "loadBalancerClass": None, "loadBalancerIP": None, "loadBalancerSourceRanges": None,
                "allocateLoadBalancerNodePorts": None, "externalTrafficPolicy": None} if balanced else self._balanced()
        if self._do("PATCH", path, {"spec": spec}):
            self._hands.did("a load balancer no longer" if balanced else "a load balancer from now on")

    def forge_status(self):
        """Another client writes another address into the status."""
        self._write_status(self._some_balanced(OURS, None), [{"ip": self._one(self._world.forged)}], "a forged status")

    def status_of_others(self):
        """Writes a status as another load-balancer implementation does."""
        key = self._some_balanced(THEIRS)
        self._write_status(key, [{"ip": self._one(("198.51.100.1", "198.51.100.2"))}],
                           "a status of another implementation")

    def _write_status(self, key, ingress, what):
        if key and self._do("PATCH", self._hands.path("Service", key) + "/status",
                            {"status": {"loadBalancer": {"ingress": ingress}}}):
            self._hands.did(what)

    def slice(self):
        """Writes an EndpointSlice for a Service without a selector. It names Pods of any
        Namespace, and endpoints that are no Pods."""
        key = self._hands.some("Service", lambda item: not item["spec"].get("selector")) or self._make("manual")
        if not key:
            return
        pods = [item for namespace in self._hands.namespaces for item in self._hands.items("Pod", namespace)
                if self._chance(0.5 if namespace == key[0] else 0.05)]
        endpoints = [{"addresses": [item["status"].get("podIP", "10.0.77.77")],
                      "conditions": {"ready": self._chance(0.8), "terminating": self._chance(0.1)},
                      "targetRef": {"kind": "Pod", "namespace": item["metadata"]["namespace"],
                                    "name": item["metadata"]["name"], "uid": item["metadata"]["uid"]}} for item in pods]
        if self._chance(0.2):
            endpoints.append({"addresses": ["198.51.100.7"], "conditions": {"ready": True}})
        ports = self._hands.items("Service", key[0])
        ports = next((item["spec"]["ports"] for item in ports if item["metadata"]["name"] == key[1]), [])
        name = f"{key[1]}-by-hand"
        self._do("DELETE", self._hands.path("EndpointSlice", (key[0], name)))
        if self._hands.make("EndpointSlice", key[0], name, {"labels": {"kubernetes.io/service-name": key[1]}},
                            addressType="IPv4", endpoints=endpoints,
                            ports=[{"name": port.get("name") or "", "protocol": port.get("protocol", "TCP"),
                                    "port": self._one((8080, 8080, 8081))}
                                   for port in ports if self._chance(0.9)]):
            self._hands.did("an EndpointSlice by hand")
