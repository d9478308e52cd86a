"""The application that the demo runs: what is in it, and what its pods wait for."""

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
    """(reason → pods that wait for it, number of pods wanted). Counts what Deployments
    want, so that pods not yet created are waited for as well."""
    deployments = cluster.api.get("/apis/apps/v1/deployments")["items"]
    wanted = sum(deployment["spec"]["replicas"] for deployment in deployments)
    pods = [pod for pod in cluster.api.get("/api/v1/pods")["items"]
            if pod["status"].get("phase") not in ("Succeeded", "Failed")]
    waiting = {}
    for pod in pods:
        reason = _reason(pod)
        if reason:
            waiting.setdefault(reason, []).append(pod["metadata"]["name"])
    if len(pods) < wanted:
        waiting["to be created"] = [f"{wanted - len(pods)} more"]
    return waiting, max(wanted, len(pods))


def describe(waiting, total):
    """One line: how many pods are Ready, and what the others wait for."""
    count = sum(len(names) for names in waiting.values())
    parts = [f"{', '.join(names[:3])}{' and more' if len(names) > 3 else ''} wait{'' if len(names) > 1 else 's'} {reason}"
             for reason, names in waiting.items()]
    return f"{max(0, total - count)} of {total} pods Ready; {'; '.join(parts) or 'no pod yet'}"


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
