"""Fields of objects that change what packets do, and that this renderer does not read."""

_SECURITY_GROUPS = "its security groups are not applied"
_REASONS = {
    "virtual-network": {
        "fabric_snat": "source NAT to the underlay (fabric_snat) is not done",
        "mac_learning_enabled": "MAC learning is not done",
        "port_mirroring": "no traffic is mirrored",
        "provider_properties": "no provider network (VLAN) is made",
        "qos_config_refs": "its QoS is not applied",
        "route_table_refs": "its static routes are not applied",
        "security_logging_object_refs": "no traffic is logged",
        "service_chain": "service chains are not made",
        "logical_router_refs": "logical routers are not made",
    },
    "network-policy": {},
    "virtual-machine-interface": {
        "interface_route_table_refs": "its static routes are not applied",
        "qos_config_refs": "its QoS is not applied",
        "security_group_refs": _SECURITY_GROUPS,
        "service_health_check_refs": "its health checks are not run",
        "service_instance_refs": "it is not put into a service chain",
        "virtual_machine_interface_allowed_address_pairs":
            "addresses beyond its instance-ips (allowed address pairs) are not let through",
        "virtual_machine_interface_disable_policy": "policies apply to it all the same",
        "virtual_machine_interface_fat_flow_protocols": "fat flows are not made",
    },
    "instance-ip": {
        "secondary_ip_tracking_ip": "its tracking address is not watched",
    },
    "floating-ip": {},
}


def ignored_fields(kind, raw):
    """The reasons for each field of the object that is set and has no effect."""
    return [reason for name, reason in sorted(_REASONS[kind].items())
            if reason and _is_set(raw.get(name))]


def _is_set(value):
    if isinstance(value, dict):
        return any(map(_is_set, value.values()))
    return bool(value)
