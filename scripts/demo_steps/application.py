"""The application that the demo runs: what is in it, and what its pods wait for."""

import collections
import time

from .server import DemoError

_ANNOTATION = "opencontrail.org/pod-state"


def apply(cluster, path, kustomize=False):
    """`kubectl apply` of a folder; what it says goes to the caller."""
    return cluster.kubectl("apply", "-k" if kustomize else "-f", path)


def wait_until_ready(cluster, say, check, seconds=180):
    """Waits until every wanted pod is Ready; shows what each one waits for. `check`
    is called now and then, to raise if a server has ended."""
    deadline = time.monotonic() + seconds
    while True:
        check()
        waiting, total = waiting_pods(cluster)
        if not waiting and total:
            return total
        said = describe(waiting, total)
        if time.monotonic() > deadline:
            raise DemoError(f"after {seconds} s not every pod is Ready: {said}")
        say(said, passing=True)
        time.sleep(0.2)


def waiting_pods(cluster):
    """(reason → application part → number of its pods that wait for it, number of pods
    wanted). Counts what Deployments want, so that pods not yet created count too."""
    wanted = sum(deployment["spec"]["replicas"]
                 for deployment in cluster.api.get("/apis/apps/v1/deployments")["items"])
    pods = [pod for pod in cluster.api.get("/api/v1/pods")["items"]
            if pod["status"].get("phase") not in ("Succeeded", "Failed")]
    waiting = {}
    for pod in pods:
        reason = _reason(pod)
        if reason:
            waiting.setdefault(reason, collections.Counter())[_part(pod)] += 1
    if len(pods) < wanted:
        waiting["to be created"] = collections.Counter({"pods": wanted - len(pods)})
    return waiting, max(wanted, len(pods))


def describe(waiting, total):
    """One line: how many pods are Ready, and what the others wait for."""
    count = sum(sum(parts.values()) for parts in waiting.values())
    reasons = [", ".join(f"{number} {part}" for part, number in parts.items()) + f" {reason}"
               for reason, parts in waiting.items()]
    return f"{total - count} of {total} pods Ready; waiting: {'; '.join(reasons) or 'all'}"


def _part(pod):
    """What the pod is one of: its Deployment's name, else its own."""
    name, template = pod["metadata"]["name"], pod["metadata"].get("labels", {}).get("pod-template-hash")
    return name.split(f"-{template}-")[0] if template else name


def _reason(pod):
    """What a pod waits for; None once it is Ready."""
    conditions = {condition["type"]: condition["status"]
                  for condition in pod["status"].get("conditions", [])}
    if conditions.get("Ready") == "True":
        return None
    if not pod["spec"].get("nodeName"):
        return "for a node"
    if _ANNOTATION not in pod["metadata"].get("annotations", {}) and not pod["spec"].get("hostNetwork"):
        return "for its network"
    return "to start"


def wait_until_settled(cluster, controller, say, check, seconds=60):
    """Waits until the controller has heard of every pod that is Ready, and has
    nothing left to do."""
    deadline = time.monotonic() + seconds
    while True:
        check()
        state = controller.get_state()
        if not state:
            said = "the controller does not answer GET /state"
        elif not state.get("converged"):
            said = "the controller is still at work"
        else:
            missing = _unheard(cluster, state)
            if not missing:
                return
            said = f"waiting for the backends of {', '.join(missing)}"
        if time.monotonic() > deadline:
            raise DemoError(f"after {seconds} s: {said}")
        say(said, passing=True)
        time.sleep(0.1)


def _unheard(cluster, state):
    """Services of which fewer backends are known to the controller than there are
    Ready pods: word of them is still on its way, by way of EndpointSlices."""
    known = {(namespace["name"], service["name"]): service["backend_count"]
             for namespace in state["namespaces"] for tier in namespace["service_tiers"]
             for service in tier["services"]}
    pods = [pod for pod in cluster.api.get("/api/v1/pods")["items"]
            if _reason(pod) is None and not pod["spec"].get("hostNetwork")]
    missing = []
    for service in cluster.api.get("/api/v1/services")["items"]:
        namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
        selector = service["spec"].get("selector")
        ready = [pod for pod in pods if selector and pod["metadata"]["namespace"] == namespace
                 and selector.items() <= pod["metadata"].get("labels", {}).items()]
        if len(ready) > known.get((namespace, name), 0):
            missing.append(f"{namespace}/{name}")
    return missing
