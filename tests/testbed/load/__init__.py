"""Requests all the time, while the cluster changes: clients in the namespaces of Pods, and what they
have seen."""
