"""Carries out the commands of a scenario on a real API server, and reads the resulting graph."""

import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path[:0] = [os.path.join(ROOT, "tests", "control-plane")]

from controlplane import wait_for  # noqa: E402  (needs the path above)
from controlplane.api import ApiError  # noqa: E402

from .objects import HELD, STATE, Namespace, Pod, Service, Slices, incarnation, split, words_of  # noqa: E402

_KINDS = {"pod": ("/api/v1/namespaces/{}/pods", Pod), "service": ("/api/v1/namespaces/{}/services", Service)}
_SLICES = "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices"
_SYSTEM = ("default", "kube-system")
_BEFOREHAND = re.compile(r"project (\w+_)?(default|kube-public|kube-node-lease)")
_ANY_PREFIX = re.compile(r"\bk\d+-")


class Player:
    """One scenario on one cluster. Its Namespaces get their own prefix, because those of the
    former scenario may still be terminating."""

    def __init__(self, scenario, number, cluster_api, config_api, graph_program):
        self._scenario, self._api, self._config = scenario, cluster_api, config_api
        self._prefix = f"k{number}-"
        names = {words_of(command)[1] for step in scenario.steps for command in step.commands
                 if command.startswith("namespace ")} - {*_SYSTEM, "default-project"}
        self._names = re.compile(r"(?<![\w.=-])(" + "|".join(sorted(names) or ["(?!)"]) + r")(?=[/:_\"> ]|$)")
        self._drafts, self._uids, self._slices = {}, {}, {}
        self._called = {}  # (kind, key, incarnation) → UID
        self._baseline = {}
        self._drawer = subprocess.Popen([graph_program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._note("namespace", "kube-system", self._api.get("/api/v1/namespaces/kube-system"))

    def outward(self, text):
        """The text with the names that the cluster uses."""
        return self._names.sub(self._prefix + r"\1", text)

    def close(self):
        """Deletes all objects of the scenario, without waiting for Namespaces."""
        self._drawer.stdin.close()
        self._drawer.wait()
        self._drawer.stdout.close()
        for kind, key in sorted(self._drafts, reverse=True):  # Services and Pods before Namespaces
            self._gone(kind, key)
        for key in list(self._slices):
            self._gone("slice", key)

    # --- Kubernetes

    def perform(self, command):
        """Carries out a command about Kubernetes objects or the config API. Returns False for
        other commands."""
        text = self.outward(command)
        words = words_of(text)
        verb = words[0]
        if verb == "namespace":
            self._namespace(words[1], words[2:])
        elif verb in _KINDS:
            self._object(verb, words[1], words[2:])
        elif verb == "endpoint":
            self._endpoint(words[1], words[2], words[3], dict(map(split, words[4:])))
        elif verb == "delete":
            self._gone(words[1], words[2])
        elif verb == "foreign":
            self._foreign(words, text)
        else:
            return False
        return True

    def _note(self, kind, key, answer, number=1):
        """Stores the UID of an object as that of an incarnation of the scenario."""
        uid = answer["metadata"]["uid"]
        self._called[kind, key, number] = uid
        self._uids[uid] = f"{kind} {key}" + (f" #{number}" if number > 1 else "")

    def _is_new(self, kind, key, words):
        """Whether the object has to be created. If the words name another incarnation than the
        present one, that one is deleted."""
        if (kind, key) not in self._drafts:
            return True
        if incarnation(words) in (0, self._drafts[kind, key].incarnation):
            return False
        self._gone(kind, key)
        return True

    def _namespace(self, name, words):
        if not self._is_new("namespace", name, words):
            return
        self._drafts["namespace", name] = Namespace(incarnation(words))
        path = f"/api/v1/namespaces/{name}"
        if name in _SYSTEM:
            self._note("namespace", name, self._api.get(path))
            return
        wait_for(lambda: not self._exists(path), 60, f"the former {name} is deleted")
        made = self._api.post("/api/v1/namespaces", {"metadata": {"name": name}})
        self._note("namespace", name, made, self._drafts["namespace", name].incarnation)
        try:  # Pods need it, and the controller manager may take a moment
            self._api.post(f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
        except ApiError as error:
            if error.code != 409:
                raise

    def _object(self, kind, key, words):
        namespace, name = key.split("/")
        plural, draft = _KINDS[kind][0].format(namespace), _KINDS[kind][1]
        fresh = self._is_new(kind, key, words)
        if fresh:
            self._drafts[kind, key] = draft(incarnation(words))
        object_ = self._drafts[kind, key]
        object_.tell(words)
        if fresh:
            self._note(kind, key, self._create(plural, name, object_), object_.incarnation)
        else:
            spec = {"spec": object_.spec()} if kind == "service" else {}
            self._api.merge(f"{plural}/{name}", {"metadata": object_.metadata(), **spec})
        if kind == "pod" and object_.phase:
            self._api.merge(f"{plural}/{name}/status", {"status": {"phase": object_.phase}})
        if kind == "pod" and object_.terminating:
            self._api.merge(f"{plural}/{name}", {"metadata": {"finalizers": [HELD]}})
            self._api.text("DELETE", f"{plural}/{name}?gracePeriodSeconds=0")
        if kind == "service" and object_.ingress is not None:
            self._api.merge(f"{plural}/{name}/status", {"status": {"loadBalancer": {"ingress": object_.ingress}}})

    def _create(self, plural, name, object_):
        metadata = {key: {k: v for k, v in values.items() if v is not None}
                    for key, values in object_.metadata().items()}
        return self._api.post(plural, {"metadata": dict(metadata, name=name), "spec": object_.spec()})

    def _endpoint(self, service, pod, state, where):
        reference = {"-": None, "node": "node"}.get(pod)
        if pod not in ("-", "node"):
            key, _, number = (pod if "/" in pod else f"{service.split('/')[0]}/{pod}").partition("#")
            uid = self._called["pod", key, int(number or self._drafts["pod", key].incarnation)]
            reference = {"kind": "Pod", "namespace": key.split("/")[0], "name": key.split("/")[1], "uid": uid}
        slices = self._slices.setdefault(service, Slices())
        for end in slices.tell(reference, state, where.get("family", "4"), where.get("ports")):
            self._write_slice(service, end, slices.body(end))

    def _write_slice(self, service, end, body):
        namespace, name = service.split("/")
        try:
            self._api.merge(f"{_SLICES.format(namespace)}/{name}-by-hand-{end}", body)
        except ApiError as error:
            if error.code != 404:
                raise
            self._api.post(_SLICES.format(namespace), dict(body, metadata={
                "name": f"{name}-by-hand-{end}", "labels": {"kubernetes.io/service-name": name}}))

    def _gone(self, kind, key):
        namespace, _, name = key.partition("/")
        if kind == "slice":
            for end in self._slices.pop(key, Slices()).names():
                self._delete(f"{_SLICES.format(namespace)}/{name}-by-hand-{end}")
            return
        path = (f"/api/v1/namespaces/{namespace}" if kind == "namespace" else
                f"{_KINDS[kind][0].format(namespace)}/{name}")
        draft = self._drafts.pop((kind, key), None)
        if kind == "namespace":  # and the slices in it, which the scenario wrote
            for other in [other for other in self._slices if other.startswith(f"{key}/")]:
                self._gone("slice", other)
        try:
            if kind == "pod" and draft and draft.terminating:
                self._api.merge(path, {"metadata": {"finalizers": None}})
                return
        except ApiError as error:
            if error.code not in (404, 409):  # deleted with its Namespace, or terminating
                raise
        if not (kind == "namespace" and name_is_kept(namespace)):
            self._delete(path + ("?gracePeriodSeconds=0" if kind == "pod" else ""))

    def _delete(self, path):
        try:
            self._api.text("DELETE", path)
        except ApiError as error:
            if error.code not in (404, 409):  # deleted with its Namespace, or terminating
                raise

    def _exists(self, path):
        try:
            self._api.get(path)
        except ApiError as error:
            if error.code == 404:
                return False
            raise
        return True

    # --- Changes of another client in the config API

    def _foreign(self, words, text):
        verb, kind, name = words[1:4]
        name = self._full(kind, name)
        if verb == "create":
            fields = json.loads(self._with_uids(_rest(text, 4)))
            self._config.create(kind, dict(fields, fq_name=name.split(":")))
        elif verb == "put":
            self._config.put(kind, name, json.loads(self._with_uids(_rest(text, 4))))
        elif verb == "delete":
            self._config.remove_with_dependents(kind, name)
        elif verb == "annotate":
            self._config.annotate(kind, name, words[4], words[5])
        elif verb in ("attach", "detach"):
            self._config.reference("ADD" if verb == "attach" else "DELETE", (kind, name),
                                   (words[4], self._full(words[4], words[5])),
                                   {"sequence": {"major": 3, "minor": 1}} if words[4] == "network-policy" else None)
        else:
            raise NotImplementedError(f"unknown verb {verb}")

    def _full(self, kind, name):
        name = self._with_uids(name)
        return name if kind in ("virtual-machine", "instance-ip") else f"default-domain:{name}"

    def _with_uids(self, text):
        return re.sub(r"<(\w+) ([^>]+)>", lambda m: self._called[m.group(1), m.group(2), 1], text)

    # --- The graph

    def sight(self, problems):
        """The graph without the prefix, without objects of other scenarios, and without the
        baseline."""
        pods = self._api.get("/api/v1/pods")["items"]
        services = self._api.get("/api/v1/services")["items"]
        given = {
            "objects": self._config.dump(),
            "pod_states": {_key(pod): pod["metadata"]["annotations"][STATE] for pod in pods
                           if STATE in (pod["metadata"].get("annotations") or {})},
            "ingress": {_key(item): [entry.get("ip") for entry in item["status"]["loadBalancer"]["ingress"]]
                        for item in services if item["status"].get("loadBalancer", {}).get("ingress")},
            "problems": problems, "uids": self._uids, "in_full": self._scenario.in_full}
        self._drawer.stdin.write(json.dumps(given).replace(self._prefix, "") + "\n")
        self._drawer.stdin.flush()
        graph = json.loads(self._drawer.stdout.readline())
        return {key: text for key, text in graph.items()
                if not _ANY_PREFIX.search(key + text) and self._baseline.get(key) != text}

    def is_of_another(self, write):
        """Whether a request is about a Namespace of another scenario, which is still being
        deleted."""
        return write["target"].startswith("/project/") and write["target"].rsplit("/", 1)[1] not in self._uids

    def begin(self):
        """Stores the baseline: objects for the Namespaces that every real cluster has."""
        self._baseline = {}
        self._baseline = {key: text for key, text in self.sight({}).items() if _BEFOREHAND.fullmatch(key)}


def name_is_kept(namespace):
    """Whether the control plane refuses to delete a Namespace."""
    return namespace in _SYSTEM


def _key(item):
    return f"{item['metadata']['namespace']}/{item['metadata']['name']}"


def _rest(text, count):
    return text.split(" ", count)[count]
