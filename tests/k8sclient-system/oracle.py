"""The objects that the library must hold, computed from kubectl's JSON."""

import calendar
import json
import time

LABELS = ["name", "uses"]
ANNOTATIONS = ["keep", "example.org/state"]


def expected(cluster):
    """Kind → key → projection, in the format of k8s_reflect's dump."""
    return {
        "pods": _all(cluster, "pods", _pod),
        "services": _all(cluster, "services", _service),
        "namespaces": _all(cluster, "namespaces", lambda ns: {"meta": _meta(ns)}),
        "endpointslices": _all(cluster, "endpointslices", _slice),
    }


def versions_aside(objects):
    """The objects without resource versions, which change between two reads."""
    return json.loads(json.dumps(objects), object_hook=lambda o: {
        key: value for key, value in o.items() if key != "resource_version"})


def _all(cluster, kind, project):
    items = json.loads(cluster.kubectl("get", kind, "-A", "-o", "json"))["items"]
    return {"/".join(filter(None, [item["metadata"].get("namespace"), item["metadata"]["name"]])):
            project(item) for item in items}


def _seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def _kept(pairs, keys):
    return {key: value for key, value in (pairs or {}).items() if key in keys}


def _meta(item):
    meta = item["metadata"]
    return {"ns": meta.get("namespace", ""), "name": meta["name"], "uid": meta["uid"],
            "resource_version": int(meta["resourceVersion"]),
            "creation_timestamp": _seconds(meta["creationTimestamp"]),
            "terminating": "deletionTimestamp" in meta,
            "labels": _kept(meta.get("labels"), LABELS),
            "annotations": _kept(meta.get("annotations"), ANNOTATIONS)}


def _pod(item):
    spec, status = item["spec"], item["status"]
    return {"meta": _meta(item), "phase": status.get("phase", ""),
            "ready": any(c["type"] == "Ready" and c["status"] == "True"
                         for c in status.get("conditions", [])),
            "host_network": spec.get("hostNetwork", False),
            "mirror": "kubernetes.io/config.mirror" in item["metadata"].get("annotations", {}),
            "node": spec.get("nodeName", "")}


def _service_port(port):
    target = port.get("targetPort", port["port"])
    named = isinstance(target, str)
    return {"name": port.get("name", ""), "protocol": port.get("protocol", "TCP"),
            "port": port["port"], "target_port": 0 if named else target or port["port"],
            "target_name": target if named else "", "node_port": port.get("nodePort", 0)}


def _service(item):
    spec = item["spec"]
    ingress = item.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    return {"meta": _meta(item), "type": spec["type"],
            "cluster_ips": spec.get("clusterIPs", []), "external_ips": spec.get("externalIPs", []),
            "ports": [_service_port(port) for port in spec.get("ports", [])],
            "has_selector": bool(spec.get("selector")),
            "publish_not_ready_addresses": spec.get("publishNotReadyAddresses", False),
            "has_load_balancer_class": "loadBalancerClass" in spec,
            "load_balancer_class": spec.get("loadBalancerClass", ""),
            "load_balancer_ip": spec.get("loadBalancerIP", ""),
            "load_balancer_source_ranges": spec.get("loadBalancerSourceRanges", []),
            "external_traffic_policy": spec.get("externalTrafficPolicy", ""),
            "internal_traffic_policy": spec.get("internalTrafficPolicy", ""),
            "session_affinity": spec.get("sessionAffinity", ""),
            "ingress": [entry.get("ip") or entry.get("hostname", "") for entry in ingress]}


def _endpoint(endpoint):
    conditions, target = endpoint.get("conditions", {}), endpoint.get("targetRef", {})
    ready = conditions.get("ready", True)
    return {"addresses": endpoint["addresses"], "ready": ready,
            "serving": conditions.get("serving", ready),
            "terminating": conditions.get("terminating", False),
            "target_kind": target.get("kind", ""), "target_ns": target.get("namespace", ""),
            "target_name": target.get("name", ""), "target_uid": target.get("uid", ""),
            "node": endpoint.get("nodeName", "")}


def _slice(item):
    return {"meta": _meta(item),
            "service": item["metadata"].get("labels", {}).get("kubernetes.io/service-name", ""),
            "address_type": item["addressType"],
            "endpoints": [_endpoint(endpoint) for endpoint in item.get("endpoints") or []],
            "ports": [{"name": port.get("name", ""), "protocol": port.get("protocol", "TCP"),
                       "port": port.get("port") or 0} for port in item.get("ports") or []]}
