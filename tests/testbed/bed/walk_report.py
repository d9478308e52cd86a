"""What the project's seed looks at after its installation, of a running testbed."""

import json

from controlplane import process
from layout.addresses import MACHINES, SOUTHBOUND_PORT
from layout.attachment import ANNOTATION
from oracle.cluster import is_ready


def sections(testbed):
    """(title, lines) of each."""
    pods = testbed.cluster.api.get("/api/v1/pods")["items"]
    return [("Nodes", _nodes(testbed.cluster.api)),
            ("Pods of kube-system", _system_pods(pods)),
            ("virtual-networks of the config API", [f"  {name}" for name in testbed.networks()]),
            ("Control channel: sessions of each chassis with OVN's southbound database",
             [f"  {name:<8}  {count} established" for name, count in sessions(
                 testbed.layout).items()]),
            *((f"Interfaces of {node}", _interfaces(switch, pods))
              for node, switch in testbed.layout.switches.items() if node in testbed.layout.nodes)]


def _nodes(api):
    for node in api.get("/api/v1/nodes")["items"]:
        status = node["status"]
        ready = "Ready" if is_ready(node) else "NotReady"
        address = next(each["address"] for each in status["addresses"]
                       if each["type"] == "InternalIP")
        info = status["nodeInfo"]
        yield (f"  {node['metadata']['name']}  {ready:<8}  {address}  "
               f"kubelet {info['kubeletVersion']}  {info['containerRuntimeVersion']}")


def _system_pods(pods):
    found = [pod for pod in pods if pod["metadata"]["namespace"] == "kube-system"]
    width = max((len(pod["metadata"]["name"]) for pod in found), default=0)
    for pod in found:
        status = pod["status"]
        ready = "Ready" if is_ready(pod) else "not Ready"
        restarts = sum(each["restartCount"] for each in status.get("containerStatuses", []))
        yield (f"  {pod['metadata']['name']:<{width}}  {ready:<9}  {restarts} restarts  "
               f"{pod['spec'].get('nodeName')}  {status.get('podIP')}")


def sessions(layout):
    """Chassis → number of its established connections with the southbound database."""
    said = process.run(layout.master.command(
        "ss", "--no-header", "--numeric", "--tcp", "state", "established",
        f"( sport = :{SOUTHBOUND_PORT} )")).stdout
    peers = [line.split()[-1].rpartition(":")[0] for line in said.splitlines()]
    return {name: peers.count(MACHINES[name]) for name in layout.switches}


def interfaces(switch):
    """Devices of a node's switch that belong to the overlay: name → interface's uuid."""
    found = json.loads(switch.vsctl("--format=json", "--columns=name,external_ids", "list",
                                    "interface"))["data"]
    named = {name: dict(ids).get("iface-id") for name, (_, ids) in found}
    return {name: uuid for name, uuid in sorted(named.items()) if uuid}


def _interfaces(switch, pods):
    owners = {interface(pod): f"{pod['metadata']['namespace']}/{pod['metadata']['name']}  "
              f"{pod['status'].get('podIP')}" for pod in pods}
    for name, uuid in interfaces(switch).items():
        yield f"  {name:<16}  {owners.get(uuid, f'the node itself ({uuid})')}"


def interface(pod):
    """The uuid of a Pod's interface; None if it has none."""
    text = (pod["metadata"].get("annotations") or {}).get(ANNOTATION)
    return json.loads(text)["uuid"] if text else None
