"""Real nodes on one machine: each has namespaces of its own, in which containerd and kubelet run
the Pods of a cluster as containers."""
