"""The network plugin of the nodes: which one connects the Pods, and its configuration.

https://www.cni.dev/docs/spec/#section-1-network-configuration-format"""

import json
import os
from dataclasses import dataclass, field

from .kubelet import FOLDER
from .machine import shared_folder


@dataclass(frozen=True)
class Plugin:
    """`conflist`: the text of its configuration; `shared`: name → a folder of this machine that it
    needs on the node; `programs`: which of these hold its programs, none for those that are built
    with the nodes."""

    conflist: str
    shared: dict = field(default_factory=dict)
    programs: tuple = ()


def point_to_point(pod_range):
    """A plugin that needs no other network: a Pod has a veth pair to its node, which forwards.
    `pod_range`: the node's own range of Pods' addresses."""
    return Plugin(_conflist("1.0.0", "point-to-point", {"type": "ptp", "ipam": {
        "type": "host-local", "ranges": [[{"subnet": str(pod_range)}]],
        "routes": [{"dst": "0.0.0.0/0"}]}}))


def contrail(program, switch):
    """The project's own plugin, at the path `program`. `switch`: the folder of the node's Open
    vSwitch, as layout.Switch makes it."""
    return Plugin(
        _conflist("1.1.0", "contrail", {
            "type": os.path.basename(program), "kubeconfig": f"{FOLDER}/kubeconfig",
            "ovsDatabase": f"unix:{shared_folder('switch')}/db.sock", "waitForFlows": True}),
        {"plugin": os.path.dirname(program), "switch": switch}, ("plugin",))


def _conflist(version, name, plugin):
    return json.dumps({"cniVersion": version, "name": name, "plugins": [plugin]}, indent=1) + "\n"
