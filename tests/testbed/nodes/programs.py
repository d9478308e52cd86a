"""The programs of a node, built from Go modules."""

import os

from controlplane.binaries import binaries
from controlplane.gomodule import GoModule, required_version

_HERE = os.path.dirname(os.path.abspath(__file__))
_CONTAINERD = "github.com/containerd/containerd/v2"
_PLUGINS = "github.com/containernetworking/plugins/plugins"

RUNTIME = {  # program → its Go package
    "containerd": f"{_CONTAINERD}/cmd/containerd",
    "containerd-shim-runc-v2": f"{_CONTAINERD}/cmd/containerd-shim-runc-v2",
    "ctr": f"{_CONTAINERD}/cmd/ctr",
    "loopback": f"{_PLUGINS}/main/loopback",
    "ptp": f"{_PLUGINS}/main/ptp",
    "host-local": f"{_PLUGINS}/ipam/host-local",
}
_VERSION = required_version(_HERE, _CONTAINERD)
_MODULE = GoModule(_HERE, f"containerd {_VERSION}", "container-runtime", RUNTIME, [
    "-trimpath", "-ldflags", f"-s -w -X {_CONTAINERD}/version.Version={_VERSION}"])


def build(say):
    """The folders with all programs of a node, as Machine takes them. What is missing is built: three
    minutes for the runtime, once. `say` gets progress messages."""
    return {"kubernetes": binaries(say, ["kubelet"]), "runtime": _MODULE.build(RUNTIME, say)}
