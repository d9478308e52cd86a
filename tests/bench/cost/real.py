"""The CPU time of the whole program for each Pod, with a real control plane."""

import contextlib
import pathlib
import sys
import tempfile
import time

from benchlib import paths
from benchlib.servers import Controller, call, running

sys.path.insert(0, str(paths.ROOT / "tests" / "control-plane"))
from controlplane import Cluster, wait_for  # noqa: E402

NS, TIERS = "cost", 20
PODS, PER_SECOND = 300, 10
STATE = "opencontrail.org/pod-state"


def tier(number):
    """The name of a tier, and of its Service."""
    return f"tier-{number % TIERS}"


def service(number):
    """A Service with the Pods of its tier."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": tier(number), "labels": {"name": tier(number)}},
            "spec": {"selector": {"name": tier(number)}, "ports": [{"port": 80, "targetPort": 8080}]}}


def pod(number):
    """A Pod of one tier that uses the next one."""
    labels = {"name": tier(number), "uses": tier(number + 1)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod-{number}", "labels": labels},
            "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}


def create(cluster, numbers):
    """Creates these Pods at a fixed rate and waits until all are ready."""
    for number in numbers:
        cluster.api.post(f"/api/v1/namespaces/{NS}/pods", pod(number))
        time.sleep(1 / PER_SECOND)

    def all_ready():
        items = cluster.api.get(f"/api/v1/namespaces/{NS}/pods")["items"]
        return all(STATE in item["metadata"].get("annotations", {}) and
                   any(c["type"] == "Ready" and c["status"] == "True" for c in item["status"].get("conditions", []))
                   for item in items)
    wait_for(all_ready, 120, "all Pods are ready")


def measure(pods=PODS):
    """Milliseconds of CPU, and requests to the config API, for each Pod."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="knm-bench-")))
        cluster = stack.enter_context(Cluster.start())
        config_api = stack.enter_context(running(paths.program("contrail-config-api"), "--listen", "127.0.0.1:0"))
        cluster.kubectl("create", "namespace", NS)
        wait_for(lambda: cluster.kubectl("get", "serviceaccount", "default", "-n", NS, "-o", "name", check=False), 30,
                 "Pods are admitted")
        for number in range(TIERS):
            cluster.api.post(f"/api/v1/namespaces/{NS}/services", service(number))
        controller = Controller(folder, cluster.server, config_api)
        controller.kubeconfig = cluster.kubeconfig
        stack.callback(controller.kill)
        log = stack.enter_context(open(folder / "log", "wb"))
        controller.start(log=log)
        create(cluster, range(TIERS))  # the first Pod of each tier makes its network
        before, cpu = call(f"{config_api}/_control/stats")["requests"], controller.cpu_seconds()
        create(cluster, range(TIERS, TIERS + pods))
        used = controller.cpu_seconds() - cpu
        requests = call(f"{config_api}/_control/stats")["requests"] - before
        controller.stop()
        return {"pods": pods, "cpu_ms": round(1000 * used / pods, 3), "requests": round(requests / pods, 2)}
