"""Objects of a config API, as its lists with detail=true give them, for tests of the renderer."""

import uuid

DEFAULT_IPAM = ["default-domain", "default-project", "default-network-ipam"]
POD_RANGE = ("10.0.0.0", 16, "10.0.255.254")
POD_RANGE_V6 = ("fd00:10::", 64, "fd00:10::ffff")
SERVICE_RANGE = ("10.254.0.0", 16, "0.0.0.0")
SERVICE_RANGE_V6 = ("fd00:254::", 112, "::")
PUBLIC_RANGE = ("192.0.2.0", 24, "192.0.2.254")
PUBLIC_RANGE_V6 = ("2001:db8:2::", 112, "2001:db8:2::fffe")


def uuid_of(*parts):
    """A uuid that is the same in each run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts)))


class Objects:
    """type → objects, filled by methods that are named after what they add."""

    def __init__(self):
        self.lists = {}

    def add(self, kind, name, **fields):
        """One object; `name` is its fq_name joined by colons."""
        made = {"fq_name": name.split(":"), "uuid": uuid_of(kind, name), **fields}
        self.lists.setdefault(kind, []).append(made)
        return made

    def get(self, kind, name):
        """The object of this type and name."""
        return next(entry for entry in self.lists[kind] if entry["fq_name"] == name.split(":"))

    def remove(self, kind, name):
        """Removes an object."""
        self.lists[kind].remove(self.get(kind, name))

    def network(self, name, *subnets, policies=()):
        """A virtual-network with subnets (prefix, length, gateway)."""
        return self.add(
            "virtual-network", name, parent_type="project",
            network_ipam_refs=[{"to": DEFAULT_IPAM, "attr": {"ipam_subnets": [
                {"subnet": {"ip_prefix": prefix, "ip_prefix_len": length},
                 "default_gateway": gateway} for prefix, length, gateway in subnets]}}],
            network_policy_refs=[{**self._reference("network-policy", policy),
                                  "attr": {"sequence": {"major": 10, "minor": 0}}}
                                 for policy in policies])

    def pod(self, network, name, mac, *addresses):
        """A virtual-machine-interface with instance-ips; `name`: project:pod."""
        interface = self.add(
            "virtual-machine-interface", f"default-domain:{name}", parent_type="project",
            virtual_network_refs=[self._reference("virtual-network", network)],
            virtual_machine_interface_mac_addresses={"mac_address": [mac]})
        for index, address in enumerate(addresses):
            self.add("instance-ip", f"{name.replace(':', '_')}{'_v6' if index else ''}",
                     instance_ip_address=address, instance_ip_mode="active-active",
                     virtual_network_refs=[self._reference("virtual-network", network)],
                     virtual_machine_interface_refs=[self._behind(f"default-domain:{name}")])
        return interface

    def floating_ip(self, network, name, address, pods=(), ports=None, **fields):
        """A floating-ip in the pool of the network's own name. `pods`: project:pod;
        `ports`: (protocol, port, target)."""
        pool = f"{network}:{network.rpartition(':')[2]}"
        if ports is not None:
            fields.update(floating_ip_port_mappings_enable=True, floating_ip_port_mappings={
                "port_mappings": [{"protocol": protocol, "src_port": port, "dst_port": target}
                                  for protocol, port, target in ports]})
        return self.add("floating-ip", f"{pool}:{name}", parent_type="floating-ip-pool",
                        floating_ip_address=address,
                        **{"floating_ip_traffic_direction": "ingress", **fields},
                        virtual_machine_interface_refs=[
                            self._behind(f"default-domain:{pod}") for pod in pods])

    def policy(self, name, *rules):
        """A network-policy; see rule()."""
        return self.add("network-policy", name, parent_type="project",
                        network_policy_entries={"policy_rule": list(rules)})

    @staticmethod
    def _reference(kind, name):
        return {"to": name.split(":"), "uuid": uuid_of(kind, name), "attr": None}

    def _behind(self, name):
        return self._reference("virtual-machine-interface", name)


def rule(source, destination, protocol="any", direction="<>", action="pass", ports=(-1, -1),
         **fields):
    """A policy rule between networks; `source` may be a list."""
    sources = [source] if isinstance(source, str) else source
    return {"rule_uuid": uuid_of("rule", *sources, destination, protocol, action, str(ports)),
            "direction": direction, "protocol": protocol,
            "src_addresses": [{"virtual_network": name} for name in sources],
            "dst_addresses": [{"virtual_network": destination}],
            "src_ports": [{"start_port": -1, "end_port": -1}],
            "dst_ports": [{"start_port": ports[0], "end_port": ports[1]}],
            "action_list": {"simple_action": action}, **fields}


GB = "default-domain:guestbook"
PUBLIC = "default-domain:default-project:Public"
TIERS = ("guestbook", "redis-slave", "redis-master")
MASTER_POLICY = f"{GB}:__svc_redis-master"
SLAVE_POLICY = f"{GB}:__svc_redis-slave"


def guestbook():
    """The three tiers of guestbook-go: guestbook uses slave and master, slave uses master.
    Two families; guestbook has a public address, with another port behind it."""
    objects = Objects()
    attached = {"guestbook": [SLAVE_POLICY, MASTER_POLICY], "redis-slave": [MASTER_POLICY],
                "redis-master": [], "service-guestbook": [], "service-redis-slave": [SLAVE_POLICY],
                "service-redis-master": [MASTER_POLICY]}
    objects.policy(SLAVE_POLICY, rule(f"{GB}:guestbook", f"{GB}:service-redis-slave"))
    objects.policy(MASTER_POLICY, rule(f"{GB}:guestbook", f"{GB}:service-redis-master"),
                   rule(f"{GB}:redis-slave", f"{GB}:service-redis-master"))
    for tier in TIERS:
        objects.network(f"{GB}:{tier}", POD_RANGE, POD_RANGE_V6, policies=attached[tier])
        objects.network(f"{GB}:service-{tier}", SERVICE_RANGE, SERVICE_RANGE_V6,
                        policies=attached[f"service-{tier}"])
    objects.network(PUBLIC, PUBLIC_RANGE, PUBLIC_RANGE_V6)
    pods = {"guestbook": 3, "redis-slave": 2, "redis-master": 1}
    for number, (tier, count) in enumerate(pods.items()):
        for index in range(count):
            last = 10 * (number + 1) + index
            objects.pod(f"{GB}:{tier}", f"guestbook:{tier}-{index}", f"02:00:00:00:00:{last}",
                        f"10.0.0.{last}", f"fd00:10::{last}")
    names = {tier: [f"guestbook:{tier}-{index}" for index in range(count)]
             for tier, count in pods.items()}
    web = [("tcp", 80, 3000)]
    objects.floating_ip(f"{GB}:service-guestbook", "guestbook", "10.254.0.1",
                        names["guestbook"], web)
    objects.floating_ip(f"{GB}:service-redis-slave", "redis-slave", "10.254.0.2",
                        names["redis-slave"])
    objects.floating_ip(f"{GB}:service-redis-master", "redis-master", "10.254.0.3",
                        names["redis-master"])
    objects.floating_ip(f"{GB}:service-redis-master", "redis-master_v6", "fd00:254::3",
                        names["redis-master"])
    objects.floating_ip(PUBLIC, "guestbook_guestbook", "192.0.2.10", names["guestbook"], web)
    objects.floating_ip(PUBLIC, "guestbook_guestbook_2001-db8-2--10", "2001:db8:2::10",
                        names["guestbook"], web)
    return objects
