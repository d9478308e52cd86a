"""The conditions that a starting cluster still waits for."""

from .api import ApiError


def api_server_lacks(api):
    """The conditions that the API server lacks, as text; empty if it is ready."""
    try:
        api.text("GET", "/readyz")
        return ""
    except ApiError as error:
        failing = [line.split()[0][3:].rpartition("/")[2] for line in str(error).splitlines()
                   if line.startswith("[-]")]
        more = f" and {len(failing) - 2} more" if len(failing) > 2 else ""
        return ", ".join(failing[:2]) + more or f"/readyz: {error.code}"
    except OSError:
        return "a first answer"


def pods_lack(api, expected=()):
    """The conditions without which no Pod runs, as text; empty if there are none. `expected`:
    names of nodes that must be there."""
    try:
        ready = {node["metadata"]["name"]: _is_ready(node)
                 for node in api.get("/api/v1/nodes")["items"]}
        missing = [f"node {name}" for name in sorted({*ready, *expected}) if not ready.get(name)]
        for namespace in ("default", "kube-system"):
            accounts = api.get(f"/api/v1/namespaces/{namespace}/serviceaccounts")["items"]
            if "default" not in [account["metadata"]["name"] for account in accounts]:
                missing.append(f"the ServiceAccount {namespace}/default")
        return ", ".join(missing)
    except (OSError, ApiError) as error:
        return str(error)


def _is_ready(node):
    """Whether the node is ready and the node controller has removed its taint."""
    taints = [taint["key"] for taint in node["spec"].get("taints", [])]
    return "node.kubernetes.io/not-ready" not in taints and any(
        condition["type"] == "Ready" and condition["status"] == "True"
        for condition in node["status"].get("conditions", []))
