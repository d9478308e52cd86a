"""The network plugin of the nodes: which one connects the Pods, and its configuration.

https://github.com/containernetworking/cni/blob/main/SPEC.md#section-1-network-configuration-format"""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Plugin:
    """`conflist`: the text of its configuration; `folder`: where its program is, None for those
    that are built with the nodes."""

    conflist: str
    folder: str = None


def point_to_point(pod_range):
    """A plugin that needs no other network: a Pod has a veth pair to its node, which forwards.
    `pod_range`: the node's own range of Pods' addresses."""
    return Plugin(json.dumps({
        "cniVersion": "1.0.0", "name": "point-to-point",
        "plugins": [{"type": "ptp", "ipam": {
            "type": "host-local", "ranges": [[{"subnet": str(pod_range)}]],
            "routes": [{"dst": "0.0.0.0/0"}]}}]}, indent=1) + "\n")
