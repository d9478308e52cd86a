"""Peaceful tenants, and checks of them: their objects, their addresses, and how fast they are
served."""

import json
import statistics
import time

import oracle
from oracle.cluster import STATE, key_of, uid_of
from oracle.names import DOMAIN, MARK
from war_client import MERGE, Client
from war_tenants import is_hostile

SYSTEM = ("kube-system", "default", "kube-public", "kube-node-lease")


def application(number):
    """Two tiers, of which one uses the other. The Service of `web` has a public address: an
    external IP or a load-balancer address in turn."""
    ns = f"peace-{number}"

    def deployment(tier, replicas, **labels):
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": tier, "namespace": ns},
                "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": tier}}, "template": {
                    "metadata": {"labels": dict(labels, name=tier, app=tier)},
                    "spec": {"automountServiceAccountToken": False,
                             "containers": [{"name": "main", "image": "example.net/app:1"}]}}}}

    def service(tier, **spec):
        return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": tier, "namespace": ns, "labels": {"name": tier}},
                "spec": dict({"selector": {"app": tier}, "ports": [{"port": 80, "targetPort": 8080}]}, **spec)}
    public = ({"externalIPs": [f"192.0.2.{210 + number}"]}, {"type": "LoadBalancer"})[number % 2]
    return [deployment("web", 2, uses="db"), deployment("db", 1), service("web", **public), service("db")]


class Window:
    """The cluster's API, limited to some Namespaces."""

    def __init__(self, client, namespaces):
        self._client, self._namespaces = client, namespaces

    def get(self, path):
        """A list of the objects in these Namespaces."""
        if path == "/api/v1/namespaces":
            return {"items": [item for item in self._client.get(path)["items"]
                              if item["metadata"]["name"] in self._namespaces]}
        start, plural = path.rsplit("/", 1)
        return {"items": [item for ns in self._namespaces
                          for item in self._client.get(f"{start}/namespaces/{ns}/{plural}")["items"]]}


class Unhostile:
    """The config API without the objects and rules of the hostile tenants."""

    def __init__(self, api):
        self._api = api

    def list(self, plural):
        """The remaining objects of a type: name → object."""
        out = {}
        for name, item in self._api.list(plural).items():
            if is_hostile(_object_of(item).split("/")[0]):
                continue
            if plural == "network-policys":
                entries = item["network_policy_entries"]
                entries["policy_rule"] = [rule for rule in entries["policy_rule"]
                                          if not _is_hostile_rule(rule)]
            out[name] = item
        return out


def _object_of(item):
    annotations = (item.get("annotations") or {}).get("key_value_pair") or []
    return next((pair["value"] for pair in annotations if pair["key"] == f"{MARK}object"), "")


def _is_hostile_rule(rule):
    return all(is_hostile((address.get("virtual_network") or "").removeprefix(f"{DOMAIN}:").split(":")[0])
               for address in rule["src_addresses"])


class Peace:
    """Ten Namespaces. Nothing changes in the steady ones. In the lively ones, Pods are created,
    timed and deleted."""

    def __init__(self, test, count=10, lively=3):
        self.cluster, self.api, self.settings = test.cluster, test.api, oracle.Settings()
        self.names = [f"peace-{i}" for i in range(count)]
        self.lively = self.names[-lively:]
        token = json.loads(self.cluster.kubectl("config", "view", "--raw", "-o", "json"))["users"][0]["user"]["token"]
        self.client = Client(self.cluster, token)
        self.untouched = oracle.baseline(self.api)
        self._number, self._patched, self._had = 0, 0, None

    def applications(self):
        """The manifests of all Namespaces."""
        return [item for i in range(len(self.names)) for item in application(i)]

    # --- State

    def judgement(self):
        """(the oracle's judgement of the peaceful Namespaces, why Kubernetes is not at rest
        there). One of the two is None."""
        snapshot = oracle.Snapshot(Window(self.client, [*self.names, *SYSTEM]))
        if moving := snapshot.at_rest():
            return None, moving
        try:
            return oracle.Judgement(snapshot, Unhostile(self.api), self.settings, self.untouched), None
        except KeyError as error:
            return None, f"the snapshot is inconsistent, because the cluster changes: {error!r}"

    def amiss(self):
        """Complaints about all peaceful Namespaces, at a time when nothing changes there."""
        judgement, moving = self.judgement()
        if moving:
            return [moving]
        said = [line for line in judgement.complaints if "war-" not in line]
        return said + self._changed_addresses(judgement)

    def amiss_at_once(self):
        """Complaints about the steady Namespaces. They hold at any time, so that the caller need
        not wait."""
        judgement, moving = self.judgement()
        if moving:
            return []
        said = judgement.complaints + self._changed_addresses(judgement)
        return [line for line in said if "war-" not in line and not any(name in line for name in self.lively)]

    def addresses(self):
        """The addresses that must last: (Pod or Service, use) → address."""
        judgement, moving = self.judgement()
        assert not moving, moving
        return _addresses(judgement)

    def remember(self):
        """Stores the current addresses, which must last from now on."""
        self._had = self.addresses()

    def _changed_addresses(self, judgement):
        has = _addresses(judgement)
        return [f"{key} had {address} and has {has.get(key)}" for key, address in (self._had or {}).items()
                if has.get(key) != address]

    def prey(self):
        """The targets of hostile tenants: (public addresses, a Pod's state, [(Namespace, name,
        UID)] of Pods)."""
        pods = [pod for ns in self.names for pod in self.client.get(f"/api/v1/namespaces/{ns}/pods")["items"]]
        public = sorted({address for (_, what), address in self.addresses().items() if what.startswith("public")})
        return public, pods[0]["metadata"]["annotations"][STATE], [(*key_of(pod), uid_of(pod)) for pod in pods]

    # --- Time

    def probe(self, turn):
        """Creates a Pod, deletes it again, and returns the seconds until it had its network;
        None after a minute."""
        self._number += 1
        ns, name = self.lively[turn % len(self.lively)], f"probe-{self._number}"
        path = f"/api/v1/namespaces/{ns}/pods"
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"name": "web"}}, "spec": {
            "schedulerName": "none", "containers": [{"name": "main", "image": "example.net/app:1"}]}}
        self.client.text("POST", path, pod)
        began, took = time.monotonic(), None
        while took is None and time.monotonic() < began + 60:
            there = self.client.get(f"{path}/{name}")["metadata"].get("annotations") or {}
            if STATE in there:
                took = time.monotonic() - began
        self.client.text("DELETE", f"{path}/{name}?gracePeriodSeconds=0")
        return took

    def idle(self):
        """Seconds that the API server takes to patch an object that the controller does not
        watch."""
        path = f"/api/v1/namespaces/{self.lively[0]}/configmaps"
        if not self._patched:
            self.client.text("POST", path, {"metadata": {"name": "nobodys"}})
        self._patched += 1
        began = time.monotonic()
        self.client.text("PATCH", f"{path}/nobodys", {"data": {"turn": str(self._patched)}}, MERGE)
        return time.monotonic() - began


def _addresses(judgement):
    out = {}
    for key, pod in judgement.meaning.pods.items():
        if key[1].startswith("probe-"):
            continue
        text = (pod["metadata"].get("annotations") or {}).get(STATE)
        out[key, "address"] = text and json.loads(text)["ipAddress"]
    for key, service in judgement.meaning.services.items():
        for place, address in enumerate(judgement.public_addresses(key)):
            out[key, f"public {place}"] = str(address)
        out[key, "cluster"] = service["spec"].get("clusterIP")
    return out


def quantile(values, share):
    """The quantile of a list, by rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values):
    """The median."""
    return statistics.median(values)
