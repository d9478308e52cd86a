"""What to try while the testbed runs."""

import os
import shutil

from matrix.flow import OUTSIDE


def to_try(testbed):
    """Text with commands to copy."""
    kubectl = "kubectl" if shutil.which("kubectl") else testbed.cluster.kubectl_path
    pods = sorted(plug.attachment.pod for plug in testbed.layout.plugs.values())
    lines = ["", "Try, in another terminal as root:", "",
             f"  export KUBECONFIG={testbed.cluster.kubeconfig}",
             f"  {kubectl} get pods,services --all-namespaces --output wide", ""]
    running = testbed.running
    for address, port in _external(testbed):
        lines += ["  # the outside, by an external address",
                  f"  nsenter --net={running.namespace(OUTSIDE)} curl http://{address}:{port}"]
    lines += ["", "  # a shell in a Pod's network"]
    lines += [f"  nsenter --net={running.namespace(pod)}" for pod in pods]
    return "\n".join([
        *lines, "", "  # the matrix again, after a change of labels", "  tests/testbed/probe --within 30", "",
        "  # what the renderer does",
        f"  tail -f {os.path.join(testbed.layout.folder.path, 'logs', 'config-to-ovn.log')}",
        "", "Running until Ctrl-C."])


def _external(testbed):
    for service in testbed.cluster.api.get("/api/v1/services")["items"]:
        for address in service["spec"].get("externalIPs") or []:
            for port in service["spec"]["ports"]:
                yield (f"[{address}]" if ":" in address else address), port["port"]
