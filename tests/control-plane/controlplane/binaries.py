"""The programs of Kubernetes: the servers of the control plane, kwok, and kubelet."""

import os

from .gomodule import GoModule, required_version

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

TOOLS = {  # program → its Go package; ordered so that the others reuse most of the first
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "etcd": "go.etcd.io/etcd/server/v3",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok",
}
OPTIONAL = {"kubelet": "k8s.io/kubernetes/cmd/kubelet"}  # built only when asked for

_KUBERNETES = required_version(_HERE, "k8s.io/kubernetes")


def _flags(version):
    """Kubernetes gets its version from the linker. Without it, it reports v0.0.0."""
    major, minor = version.lstrip("v").split(".")[:2]
    stamp = "k8s.io/component-base/version"
    return ["-trimpath", "-ldflags",
            f"-s -w -X {stamp}.gitVersion={version} -X {stamp}.gitMajor={major}"
            f" -X {stamp}.gitMinor={minor} -X {stamp}.gitTreeState=clean"]


_MODULE = GoModule(_HERE, f"Kubernetes {_KUBERNETES}", "control-plane", {**TOOLS, **OPTIONAL},
                   _flags(_KUBERNETES))


def binaries(say, optional=()):
    """The folder with all programs of the control plane, and those of `OPTIONAL` that are asked
    for. A missing one is built, which takes ten minutes on two cores for all; it is reused until
    go.mod or go.sum change. `say` gets progress messages."""
    return _MODULE.build([*TOOLS, *optional], say)


def needed_go(say):
    """The Go that builds the programs. It is fetched if it is missing, unless `say` is None;
    then the result is None unless the programs of the control plane exist already."""
    return _MODULE.needed_go(TOOLS, say)
