"""What to try while the testbed runs."""

import shutil

from matrix.flow import OUTSIDE


def to_try(testbed, door):
    """Text with commands to copy. `door`: FrontDoor, or None."""
    kubectl = "kubectl" if shutil.which("kubectl") else testbed.cluster.kubectl_path
    enter = {name: f"nsenter --net={testbed.running.namespace(name)}" for name in [
        OUTSIDE, *testbed.pods()]}
    curls = [f"  {enter[OUTSIDE]} curl http://{_with_port(*where)}" for where in external(
        testbed.cluster.api)]
    shells = [f"  {command}" for name, command in enter.items() if name != OUTSIDE]
    page = [f"Open {door.url} in a browser: it leads to http://{_with_port(*door.target)}, from "
            "the outside and by the gateway.", ""] if door else []
    lines = ["", *page, "Try, in another terminal as root:", "",
             f"  export KUBECONFIG={testbed.cluster.kubeconfig}",
             f"  {kubectl} get pods,services --all-namespaces --output wide", "",
             "  # from the outside, to the external addresses", *curls, "",
             "  # a shell in a Pod's network", *shells, "",
             "  # the matrix again, after a change of labels",
             "  tests/testbed/probe --within 30", "",
             "  # what the renderer does",
             f"  tail -f {testbed.layout.folder.file('logs', 'config-to-ovn.log')}", "",
             "Running until Ctrl-C."]
    return "\n".join(lines)


def external(api):
    """(address, port) of what the outside reaches by TCP: load-balancer addresses come first."""
    for service in api.get("/api/v1/services")["items"]:
        told = service.get("status", {}).get("loadBalancer", {}).get("ingress") or []
        for address in [*(one["ip"] for one in told), *(service["spec"].get("externalIPs") or [])]:
            for port in service["spec"]["ports"]:
                if port["protocol"] == "TCP":
                    yield address, port["port"]


def _with_port(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
