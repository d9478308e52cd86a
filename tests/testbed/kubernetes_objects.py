"""Objects of a Kubernetes cluster in memory, as the API server's lists have them: for tests of what
is computed from these alone."""

_PATHS = {"/api/v1/pods": "Pod", "/api/v1/services": "Service", "/api/v1/namespaces": "Namespace",
          "/apis/discovery.k8s.io/v1/endpointslices": "EndpointSlice",
          "/apis/apps/v1/deployments": "Deployment"}


class KubernetesObjects:
    """Answers get(path), which is all that oracle.Snapshot asks."""

    def __init__(self):
        self._items = {kind: [] for kind in _PATHS.values()}
        for name in ("kube-system", "shop"):
            self._add("Namespace", None, name)

    def get(self, path):
        """A list."""
        return {"items": self._items[_PATHS[path]]}

    def pod(self, name, address, tier=None, uses=None, *, namespace="shop", **spec):
        """A Running Pod with one address or several."""
        labels = {key: value for key, value in (("name", tier), ("uses", uses)) if value}
        listed = [address] if isinstance(address, str) else address
        return self._add("Pod", namespace, name, labels, spec={"containers": [], **spec}, status={
            "phase": "Running", "podIPs": [{"ip": text} for text in listed],
            "conditions": [{"type": "Ready", "status": "True"}]})

    def service(self, name, address, ports, pods, tier=None, *, namespace="shop", external=()):
        """A Service and its EndpointSlice. `ports`: (protocol, port, target); `address` None:
        headless."""
        self._add("Service", namespace, name, {"name": tier} if tier else {}, spec={
            "type": "ClusterIP", "clusterIP": address or "None", "clusterIPs": [address or "None"],
            "externalIPs": list(external), "selector": {"app": name},
            "ports": [{"name": f"p{port}", "protocol": protocol, "port": port,
                       "targetPort": target} for protocol, port, target in ports]})
        self._add("EndpointSlice", namespace, f"{name}-1", {"kubernetes.io/service-name": name},
                  addressType="IPv6" if address and ":" in address else "IPv4",
                  ports=[{"name": f"p{port}", "protocol": protocol, "port": target}
                         for protocol, port, target in ports],
                  endpoints=[{"conditions": {"ready": ready}, "targetRef": {
                      "kind": "Pod", "uid": f"Pod/{namespace}/{pod}"}}
                             for pod, ready in pods.items()])

    def remove(self, kind, name):
        """Removes an object."""
        self._items[kind] = [item for item in self._items[kind]
                             if item["metadata"]["name"] != name]

    def _add(self, kind, namespace, name, labels=None, **fields):
        made = {"metadata": {"name": name, "namespace": namespace, "labels": labels or {},
                             "uid": f"{kind}/{namespace}/{name}", "resourceVersion": "1",
                             "creationTimestamp": "2026-01-01T00:00:00Z"}, **fields}
        self._items[kind].append(made)
        return made
