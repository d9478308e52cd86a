"""The whole product on a real control plane: a cluster, a config API and the controller."""

import contextlib
import json
import os
import signal
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests"), os.path.join(ROOT, "tests", "control-plane")]

from controlplane import Cluster, free_port, process  # noqa: E402  (needs the path above)

BIN = os.environ.get("KNM_BIN") or os.path.join(ROOT, "bin")
ACCOUNT = ("kube-system", "kube-network-manager")
STATE = "opencontrail.org/pod-state"
SOAK = bool(os.environ.get("KNM_SOAK"))  # whether this is `make soak`
RETRY_DELAY = "retry-delay-max: 1s\n"
_CONFIG = """\
api-server: 127.0.0.1
api-port: {api_port}
public-ip-range: 192.0.2.0/24
cluster-service: kube-system/default
listen-http: 127.0.0.1:{http_port}
listen-state: 127.0.0.1:{state_port}
""" + RETRY_DELAY


def in_soak(test):
    """Decorates a long test that has shorter ones of its kind beside it: only `make soak` takes
    it."""
    return test if SOAK else None


def eventually(condition, what, seconds=90):
    """Polls until `condition` returns a true value, and returns that value."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s still not: {what() if callable(what) else what}")
        time.sleep(0.05)


def call(url, body=None, method=None):
    """Returns (status, answer). The answer is parsed if it is JSON. Without an answer: (0,
    reason)."""
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None,
                                     {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


class Program:
    """A program of this project as a process, with its output in a file. `environment`: more
    variables."""

    def __init__(self, name, *arguments, folder, environment=None):
        self.log = os.path.join(folder, f"{name}-{time.monotonic_ns()}.log")
        self._process = process.spawn([os.path.join(BIN, name), *arguments], self.log,
                                      os.environ | (environment or {}))

    def output(self):
        """The output so far."""
        with open(self.log, encoding="utf-8", errors="replace") as text:
            return text.read()

    def wait(self, seconds=30):
        """Waits for the end of the process and returns its exit code."""
        return self._process.wait(timeout=seconds)

    def pid(self):
        """The process id."""
        return self._process.pid

    def running(self):
        """True while the process runs."""
        return self._process.poll() is None

    @contextlib.contextmanager
    def halted(self):
        """The program is suspended in this block, and does not notice that time passes."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def kill(self):
        """Sends SIGKILL and waits for the end."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self):
        """Sends SIGTERM and returns the exit code."""
        if self.running():
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=30)


class ConfigApi:
    """The stand-in of the config API, and the questions that tests ask it. `arguments`: more of
    its options."""

    def __init__(self, folder, *arguments):
        self._arguments = arguments
        self.port = free_port()
        control_port = free_port(avoid=[self.port])
        self.url, self.control_url = (f"http://127.0.0.1:{port}" for port in (self.port, control_port))
        self.request_log = os.path.join(folder, f"requests-{self.port}.jsonl")
        self.start(folder)

    def start(self, folder):
        """Starts an empty server on the same port as before."""
        self._program = Program("contrail-config-api", "--listen", f"127.0.0.1:{self.port}",
                                "--control", self.control_url.removeprefix("http://"), "--request-log", self.request_log, *self._arguments, folder=folder)
        eventually(lambda: call(self.url + "/")[0] == 200, "the config API answers")

    def list(self, plural):
        """All objects of a type with all fields: name → object."""
        _, answer = call(f"{self.url}/{plural}?detail=true")
        return {":".join(item["fq_name"]): item for wrapped in answer[plural] for item in wrapped.values()}

    def alive(self):
        """Whether the server answers."""
        return call(self.url + "/_control/stats")[0] == 200

    def requests(self):
        """All requests so far."""
        with open(self.request_log, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def writes(self):
        """The requests that write."""
        reads = ("/list-bulk-collection", "/fqname-to-id")
        return [r for r in self.requests() if r["method"] != "GET" and r["target"] not in reads]

    def dump(self):
        """All objects and fields that two histories of one cluster have in common."""
        kinds = ("projects", "virtual-networks", "network-policys", "floating-ip-pools", "floating-ips",
                 "virtual-machines", "virtual-machine-interfaces", "instance-ips")
        return {kind: {name: _comparable(item) for name, item in self.list(kind).items()} for kind in kinds}

    def control(self, path, body=None, method=None):
        """Reads or changes the stand-in's faults."""
        status, answer = call(f"{self.control_url}/_control/{path}", body, method)
        assert status == 200, (path, status, answer)
        return answer

    def stop(self):
        """Stops the server."""
        self._program.stop()


def differences(found, expected):
    """The differences of two dumps: (kind, name, found, expected), with the fields that differ."""
    out = []
    for kind in expected:
        for name in sorted(found[kind].keys() | expected[kind].keys()):
            one, other = found[kind].get(name), expected[kind].get(name)
            if one and other:
                fields = [key for key in one.keys() | other.keys() if one.get(key) != other.get(key)]
                one, other = ({key: item.get(key) for key in fields} for item in (one, other))
            if one != other:
                out.append((kind, name, one, other))
    return out


def _comparable(item):
    """The object without the values that the server chooses, and without the order of
    references."""
    chosen = ("id_perms", "perms2", "href", "parent_href", "virtual_network_network_id")
    kept = {key: value for key, value in item.items() if key not in chosen}
    for key, value in kept.items():
        if key.endswith("_refs"):
            kept[key] = sorted(json.dumps({k: v for k, v in ref.items() if k != "href"}, sort_keys=True)
                               for ref in value)
    return kept


class SystemTest(unittest.TestCase):
    """A cluster for the class; a config API and a controller for each test."""

    more_config = ""  # more lines for the configuration
    manifests = "demo"  # the folder of manifests that the cluster gets
    # the policy that protects the Pod annotation; False: the test writes the annotation itself
    policy = True
    cluster_parameters = {}  # parameters of the control plane

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster.start(**cls.cluster_parameters)
        cls.addClassCleanup(cls.cluster.stop)
        cls.leaving = set()  # Namespaces whose deletion may not be complete
        folder = os.path.join(ROOT, "manifests", cls.manifests)
        documents = cls.cluster.kubectl("kustomize", folder).split("\n---\n")
        kept = [item for item in documents
                if cls.policy or "kind: ValidatingAdmissionPolicy" not in item]
        cls.cluster.kubectl("apply", "-f", "-", stdin="\n---\n".join(kept))

    def setUp(self):
        while self.leaving:
            self.delete_namespace(self.leaving.pop())
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = self._folder.name
        self.api = ConfigApi(self.folder)
        self.addCleanup(self.api.stop)
        self.http_port = free_port()
        self.state_port = free_port(avoid=[self.http_port])
        self.controller = None
        self.addCleanup(lambda: self.controller and self.controller.running() and self.controller.stop())

    def path(self, name):
        """The path of a file of this test."""
        return os.path.join(self.folder, name)

    def write_config(self, text=None):
        """Writes the controller's configuration and returns its path."""
        with open(self.path("config.yaml"), "w", encoding="utf-8") as file:
            file.write(text or _CONFIG.format(**self.ports()) + self.more_config)
        return self.path("config.yaml")

    def ports(self):
        """The ports that the configuration contains."""
        return {"api_port": self.api.port, "http_port": self.http_port, "state_port": self.state_port}

    def start_controller(self, *arguments, kubeconfig=None, environment=None):
        """Starts the controller under its own ServiceAccount and RBAC. `environment`: more variables."""
        if kubeconfig is None:
            kubeconfig = self.path("controller.kubeconfig")
            self.cluster.write_account_kubeconfig(kubeconfig, *ACCOUNT)
        self.controller = Program("kube-network-manager", "run", "--config", self.write_config(),
                                  "--kubeconfig", kubeconfig, *arguments, folder=self.folder, environment=environment)
        return self.controller

    def get(self, path):
        """The (status, answer) of the controller's own servers."""
        port = self.state_port if path.startswith("/state") else self.http_port
        return call(f"http://127.0.0.1:{port}{path}")

    def wait_ready(self):
        """Waits until the controller has read everything."""
        eventually(lambda: self.get("/readyz")[0] == 200, lambda: f"ready:\n{self.controller.output()}")

    def wait_quiet(self):
        """Waits until the controller has seen all ready backends and has nothing left to do."""
        eventually(self.quiet, lambda: f"settled:\n{self.controller.output()[-4000:]}")

    def quiet(self):
        """Whether the controller has seen all ready backends and has nothing left to do. The
        backends are read first: an endpoint becomes ready after its Pod does, and the controller
        sees it later still. A controller that has not seen it yet also has nothing left to do."""
        return self._seen_backends() == self._ready_backends() and self.settled()

    def settled(self):
        """Whether all objects that the controller knows of are in sync."""
        _, text = self.get("/metrics")
        pending = [line for line in str(text).splitlines()
                   if line.startswith("knm_objects{") and 'state="in_sync"' not in line]
        return bool(pending) and all(line.endswith(" 0") for line in pending)

    def _seen_backends(self):
        """The backends of each Service, as the controller sees them."""
        status, state = self.get("/state?full")
        return status == 200 and {(ns["name"], service["name"]): sorted(backend["pod"] for backend in service["backends"])
                for ns in state["namespaces"] for tier in ns["service_tiers"] for service in tier["services"]}

    def _ready_backends(self):
        """The ready backends of each Service with a selector, as the API server lists them."""
        slices, pods, services = (
            self.cluster.api.get(path)["items"]
            for path in ("/apis/discovery.k8s.io/v1/endpointslices", "/api/v1/pods", "/api/v1/services"))
        gone = {pod["metadata"]["uid"] for pod in pods
                if pod["metadata"].get("deletionTimestamp") or pod["spec"].get("hostNetwork")}
        ready = {(service["metadata"]["namespace"], service["metadata"]["name"]): set()
                 for service in services if service["spec"].get("selector")}
        for item in slices:
            key = (item["metadata"]["namespace"], item["metadata"]["labels"].get("kubernetes.io/service-name"))
            for endpoint in item.get("endpoints") or []:
                conditions, target = endpoint.get("conditions", {}), endpoint.get("targetRef", {})
                if key in ready and conditions.get("ready", True) and target.get("uid") not in gone:
                    ready[key].add(target.get("name"))
        return {key: sorted(names) for key, names in ready.items()}

    def apply(self, manifest):
        """Applies objects, or a folder, with kubectl."""
        if isinstance(manifest, str):
            return self.cluster.kubectl("apply", "-f", manifest)
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": manifest})
        return self.cluster.kubectl("apply", "-f", "-", stdin=text)

    def make_namespace(self, name):
        """Makes a Namespace and waits for its default ServiceAccount, without which no Pod is
        admitted."""
        self.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}])
        eventually(lambda: self.cluster.kubectl("get", "serviceaccounts", "-n", name, "-o", "name"),
                   "the default ServiceAccount")

    def pods(self, namespace):
        """The Pods of a Namespace, by name."""
        items = json.loads(self.cluster.kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]
        return {pod["metadata"]["name"]: pod for pod in items}

    def wait_pods(self, namespace, count):
        """Waits until the Namespace has `count` Pods and all of them are Ready."""
        def ready():
            found = self.pods(namespace)
            good = [p for p in found.values() if any(c["type"] == "Ready" and c["status"] == "True"
                                                     for c in p["status"].get("conditions", []))]
            return found if len(found) == len(good) == count else None
        return eventually(ready, f"{count} Ready pods in {namespace}")

    def wait_backends(self, namespace, count):
        """Waits until `count` endpoints of the Namespace's Services are ready: a moment later
        than Pods."""
        eventually(lambda: count == sum(len(names) for (ns, _), names in self._ready_backends().items()
                                        if ns == namespace), f"{count} ready endpoints in {namespace}")

    def events(self, kind, name, reason, where):
        """The Events with a reason on an object. Events on Namespaces are in `default`."""
        items = json.loads(self.cluster.kubectl("get", "events.events.k8s.io", "-n", where, "-o", "json"))["items"]
        return [event for event in items if event["regarding"]["kind"] == kind
                and event["regarding"]["name"] == name and event["reason"] == reason]

    def event(self, kind, name, reason, where, count=1):
        """Waits for the only Event with a reason on an object, until it was observed `count`
        times."""
        def found():
            events = self.events(kind, name, reason, where)
            self.assertLessEqual(len(events), 1, events)
            return events[0] if events and (events[0].get("series") or {}).get("count", 1) >= count else None
        return eventually(found, lambda: f"{reason} on {kind} {name}, {count} times:\n{self.controller.output()[-3000:]}")

    def leave_namespace(self, name):
        """Deletes a Namespace without waiting: that takes Kubernetes at least five seconds. The
        next test of the class waits for it."""
        self.cluster.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")
        self.leaving.add(name)

    def delete_namespace(self, name):
        """Deletes a Namespace and waits until it is gone."""
        self.cluster.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=true")
