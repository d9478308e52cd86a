"""The parts of a cluster, and the places of its files."""

import dataclasses
import os

DEFAULT_NODES = ["k8s-gateway=gateway", "k8s-node-01", "k8s-node-02"]
STAGES = {
    # Pods start when their annotation opencontrail.org/pod-state names an address.
    "network": ["node.yaml", "pod-start-with-network.yaml", "pod.yaml"],
    # Pods start at once, with an address of kwok's own choosing.
    "at-once": ["node.yaml", "pod-start-at-once.yaml", "pod.yaml"],
}
_STAGE_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "stages")


@dataclasses.dataclass
class Spec:
    """The parameters of a cluster; travels to the supervisor as JSON."""

    folder: str  # the folder of all files of this cluster
    binaries: str  # the folder with the servers' programs
    service_range: str = "10.254.0.0/16"
    # Simulated nodes: "name" or "name=role". Nodes with a role are tainted, so that no ordinary Pod
    # runs there. None: real nodes will join.
    nodes: list = dataclasses.field(default_factory=lambda: list(DEFAULT_NODES))
    stages: list = dataclasses.field(default_factory=lambda: ["network"])
    ports: dict = dataclasses.field(default_factory=dict)  # e.g. {"apiserver": 6443}
    extra: dict = dataclasses.field(default_factory=dict)  # component → more arguments
    owner: list = None  # [pid, start time]: the cluster ends when this process ends
    made_folder: bool = False  # whether stopping removes the folder itself

    def path(self, *parts):
        """A path inside the cluster's folder."""
        return os.path.join(self.folder, *parts)

    def stage_files(self):
        """The kwok stage files: names of `STAGES`, or other paths."""
        files = []
        for stage in self.stages:
            names = STAGES.get(stage)
            files += [os.path.join(_STAGE_FOLDER, name) for name in names] if names else [stage]
        return files


def node_objects(nodes):
    """Node objects for `nodes`, with addresses of the documentation range 198.51.100.0/24, which
    no machine has."""
    for number, entry in enumerate(nodes):
        name, _, role = entry.partition("=")
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
                  "kubernetes.io/arch": "amd64"}
        spec = {}
        if role:
            label = f"node-role.kubernetes.io/{role}"
            labels[label] = ""
            spec["taints"] = [{"key": label, "effect": "NoSchedule"}]
        yield {
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels},
            "spec": spec,
            "status": {"addresses": [
                {"type": "InternalIP", "address": f"198.51.{100 + (10 + number) // 250}"
                                                  f".{(10 + number) % 250}"},
                {"type": "Hostname", "address": name}]},
        }
