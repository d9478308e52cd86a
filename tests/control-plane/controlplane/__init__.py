"""A real Kubernetes control plane for the demo and the tests.

etcd, kube-apiserver, kube-controller-manager and kube-scheduler are the real
programs, built from their Go modules; kwok plays the nodes. `Cluster.start()`
brings one up on free ports of 127.0.0.1 and takes it down with its owner.
"""

from .cluster import Cluster, ClusterError
from .ports import free_port, is_free, port_owner
from .waiting import wait_for

__all__ = ["Cluster", "ClusterError", "free_port", "is_free", "port_owner", "wait_for"]
