"""Kubelet's configuration on a node.

https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/"""

import json

from .containerd import SOCKET

FOLDER = "/var/lib/kubelet"
PORT = 10250


def config(address, cgroup, dns):
    """config.yaml, as JSON, which is YAML. `address`: of the node; `cgroup`: its name below the
    root of each hierarchy; `dns`: addresses of the cluster's DNS Service."""
    return json.dumps({
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
        "address": address, "port": PORT,
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True},
                           "x509": {"clientCAFile": f"{FOLDER}/ca.crt"}},
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{SOCKET}",
        "clusterDomain": "cluster.local", "clusterDNS": list(dns),
        "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{cgroup}",
        # The node's cgroup is part of the machine: what the machine has is not the node's alone.
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        # Kubelet checks these settings of the kernel, and changes none: see machine.SYSCTLS.
        "protectKernelDefaults": True, "makeIPTablesUtilChains": False,
        # Without CAP_SYS_RESOURCE it cannot be lowered.
        "oomScoreAdj": 0,
        # The disk is that of the machine, whose use is no reason to evict Pods or images.
        "evictionHard": {"memory.available": "0%", "nodefs.available": "0%",
                         "nodefs.inodesFree": "0%", "imagefs.available": "0%",
                         "imagefs.inodesFree": "0%"},
        "imageGCHighThresholdPercent": 100,
        # The default is outside of the node's own folders.
        "volumePluginDir": f"{FOLDER}/volume-plugins",
    }, indent=1) + "\n"


def arguments(name, address):
    """Of the command line."""
    return [f"--config={FOLDER}/config.yaml", f"--kubeconfig={FOLDER}/kubeconfig",
            f"--root-dir={FOLDER}", f"--cert-dir={FOLDER}/pki",
            f"--hostname-override={name}", f"--node-ip={address}"]
