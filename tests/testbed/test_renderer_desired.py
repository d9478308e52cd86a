"""Config objects become rows that let through what the policies say, and nothing else."""

import unittest
from ipaddress import ip_address, ip_interface

from objects import (GB, MASTER_POLICY, POD_RANGE, PUBLIC, SERVICE_RANGE,
                     SLAVE_POLICY, Objects, guestbook, rule, uuid_of)
from renderer.config import parse
from renderer.desired import desired
from renderer.gateway import Gateway
from switch_model import Switch

GATEWAY = Gateway("gateway", (ip_interface("198.51.100.1/24"), ip_interface("fd00:51::1/64")),
                  next_hops=(ip_address("198.51.100.254"), ip_address("fd00:51::ffff")))
OUTSIDE, OUTSIDE_V6 = "198.51.100.77", "fd00:51::77"


def interface(pod):
    """The uuid of a pod's interface; `pod`: project:pod."""
    return uuid_of("virtual-machine-interface", f"default-domain:{pod}")


def rows_of(objects, outside=GATEWAY, public=(PUBLIC,)):
    return desired(parse(objects.lists), outside, public)


class RowsTest(unittest.TestCase):
    """What the tests of this file share."""

    def connections(self, objects, unexpressed=(), **options):
        """Loads objects; asserts that everything is expressed but what these reasons say."""
        known = any(network["fq_name"] == PUBLIC.split(":")
                    for network in objects.lists["virtual-network"])
        result = rows_of(objects, **{"public": (PUBLIC,) if known else (), **options})
        self.assertEqual([problem.reason for problem in result.problems], list(unexpressed))
        return Switch(result.rows)

    def assert_reaches(self, switch, source, destination, *pods, port=80, target=None, **options):
        """`source`: project:pod, or an address outside."""
        name = source if source in (OUTSIDE, OUTSIDE_V6) else interface(source)
        self.assertEqual(switch.reached(name, destination, port=port, **options),
                         {(interface(pod), target or port) for pod in pods})


class Guestbook(RowsTest):
    """Three tiers."""

    def setUp(self):
        self.objects = guestbook()
        self.switch = self.connections(self.objects)

    def test_allowed_pairs(self):
        for user in ("guestbook-0", "redis-slave-1"):
            self.assert_reaches(self.switch, f"guestbook:{user}", "10.254.0.3",
                                "guestbook:redis-master-0", port=6379)
        self.assert_reaches(self.switch, "guestbook:guestbook-2", "10.254.0.2",
                            "guestbook:redis-slave-0", "guestbook:redis-slave-1", port=6379)

    def test_denied_pairs(self):
        for user, address in (("redis-master-0", "10.254.0.2"), ("redis-slave-0", "10.254.0.1"),
                              ("redis-slave-0", "10.254.0.2"), ("redis-master-0", "10.254.0.1"),
                              ("redis-master-0", "fd00:254::3"), ("guestbook-0", "10.254.0.1"),
                              ("redis-slave-0", "192.0.2.10")):
            self.assert_reaches(self.switch, f"guestbook:{user}", address)

    def test_the_direction_counts(self):
        for address in ("10.0.0.10", "fd00:10::10", "10.254.0.1"):
            self.assert_reaches(self.switch, "guestbook:redis-master-0", address, port=3000)

    def test_a_tier_is_reached_by_its_service_address_only(self):
        for address in ("10.0.0.30", "fd00:10::30"):
            self.assert_reaches(self.switch, "guestbook:guestbook-0", address, port=6379)

    def test_inside_a_tier_everything_passes(self):
        self.assert_reaches(self.switch, "guestbook:guestbook-0", "10.0.0.12",
                            "guestbook:guestbook-2", port=22)
        self.assert_reaches(self.switch, "guestbook:guestbook-0", "fd00:10::12",
                            "guestbook:guestbook-2", port=53, protocol="udp")

    def test_both_families(self):
        self.assert_reaches(self.switch, "guestbook:redis-slave-0", "fd00:254::3",
                            "guestbook:redis-master-0", port=6379)

    def test_from_outside_to_the_public_address_only(self):
        backends = [f"guestbook:guestbook-{index}" for index in range(3)]
        self.assert_reaches(self.switch, OUTSIDE, "192.0.2.10", *backends, target=3000)
        self.assert_reaches(self.switch, OUTSIDE_V6, "2001:db8:2::10", *backends, target=3000)
        self.assert_reaches(self.switch, OUTSIDE, "192.0.2.10", port=3000)
        self.assert_reaches(self.switch, OUTSIDE, "10.254.0.3", port=6379)

    def test_the_load_balancers(self):
        rows = rows_of(self.objects).rows
        name = f"floating-ip/{uuid_of('floating-ip', f'{PUBLIC}:Public:guestbook_guestbook')}/tcp"
        public = ("Load_Balancer", name)
        self.assertEqual(rows[public].columns["vips"], {
            "192.0.2.10:80": "10.0.0.10:3000,10.0.0.11:3000,10.0.0.12:3000"})
        other = ("Load_Balancer", "floating-ip/{}/tcp".format(uuid_of(
            "floating-ip", f"{PUBLIC}:Public:guestbook_guestbook_2001-db8-2--10")))
        self.assertEqual(rows[other].columns["vips"], {"[2001:db8:2::10]:80": ",".join(
            f"[fd00:10::{last}]:3000" for last in (10, 11, 12))})
        self.assertEqual(rows["Logical_Router", "router"].references["load_balancer"],
                         {public, other})
        self.assertEqual(len(rows["Logical_Switch", "switch"].references["load_balancer"]), 6)

    def test_ports_are_secured(self):
        port = rows_of(self.objects).rows[
            "Logical_Switch_Port", f"interface/{interface('guestbook:redis-master-0')}"]
        self.assertEqual(port.columns["name"], interface("guestbook:redis-master-0"))
        self.assertEqual(port.columns["port_security"],
                         frozenset(["02:00:00:00:00:30 10.0.0.30 fd00:10::30"]))

    def test_a_backend_that_goes(self):
        name = f"{GB}:service-redis-slave:service-redis-slave:redis-slave"
        self.objects.get("floating-ip", name)["virtual_machine_interface_refs"].pop(0)
        self.assert_reaches(self.connections(self.objects), "guestbook:guestbook-0", "10.254.0.2",
                            "guestbook:redis-slave-1", port=6379)

    def test_a_backend_that_goes_finishes_its_connections(self):
        name = f"{GB}:service-redis-slave:service-redis-slave:redis-slave"
        self.objects.get("floating-ip", name)["virtual_machine_interface_refs"].pop(0)
        switch = self.connections(self.objects)
        former = {"port": 6379, "established": interface("guestbook:redis-slave-0")}
        self.assert_reaches(switch, "guestbook:guestbook-0", "10.254.0.2",
                            "guestbook:redis-slave-0", **former)
        self.assert_reaches(switch, "guestbook:redis-master-0", "10.254.0.2", **former)
        self.objects.get("network-policy", SLAVE_POLICY)["network_policy_entries"].clear()
        self.assert_reaches(self.connections(self.objects), "guestbook:guestbook-0", "10.254.0.2",
                            **former)

    def test_an_address_without_backends_stays(self):
        name = f"{GB}:service-redis-slave:service-redis-slave:redis-slave"
        self.objects.get("floating-ip", name)["virtual_machine_interface_refs"].clear()
        self.assert_reaches(self.connections(self.objects), "guestbook:guestbook-0", "10.254.0.2",
                            port=6379)

    def test_removing_a_rule_removes_its_acls(self):
        before = rows_of(self.objects).rows
        policy = self.objects.get("network-policy", MASTER_POLICY)
        gone = policy["network_policy_entries"]["policy_rule"].pop(0)
        after = rows_of(self.objects).rows
        changed = {identity for identity in before if before[identity] != after.get(identity)}
        self.assertEqual(changed, {("Logical_Switch", "switch"), *(
            identity for identity in before if gone["rule_uuid"] in identity[1])})
        self.assertFalse(set(after) - set(before))
        switch = Switch(after)
        self.assert_reaches(switch, "guestbook:guestbook-0", "10.254.0.3", port=6379)
        self.assert_reaches(switch, "guestbook:redis-slave-0", "10.254.0.3",
                            "guestbook:redis-master-0", port=6379)

    def test_a_policy_at_one_end_only_connects_nothing(self):
        for name in (f"{GB}:guestbook", f"{GB}:service-redis-master"):
            objects = guestbook()
            references = objects.get("virtual-network", name)["network_policy_refs"]
            references[:] = [entry for entry in references
                             if entry["to"] != MASTER_POLICY.split(":")]
            self.assert_reaches(self.connections(objects), "guestbook:guestbook-0", "10.254.0.3",
                                port=6379)


class SharedNetworks(RowsTest):
    """Global networks, networks of other owners, the outside."""

    def setUp(self):
        self.objects = guestbook()

    def attach(self, policy, *networks):
        for name in networks:
            network = self.objects.get("virtual-network", name)
            network["network_policy_refs"].append({
                "to": policy.split(":"), "uuid": uuid_of("network-policy", policy),
                "attr": {"sequence": {"major": 10, "minor": 0}}})

    def test_the_public_network_as_global_network_opens_the_way_out(self):
        policy = "default-domain:default-project:__net_Public"
        self.objects.policy(policy, rule(f"{GB}:redis-slave", PUBLIC))
        self.attach(policy, f"{GB}:redis-slave", PUBLIC)
        switch = self.connections(self.objects)
        backends = [f"guestbook:guestbook-{index}" for index in range(3)]
        self.assert_reaches(switch, "guestbook:redis-slave-0", "192.0.2.10", *backends, target=3000)
        for address in ("203.0.113.9", "192.0.2.99"):
            self.assertTrue(self.leaves(switch, "guestbook:redis-slave-0", address))
        self.assertFalse(self.leaves(switch, "guestbook:redis-slave-0", "10.254.0.1"))
        self.assertFalse(self.leaves(switch, "guestbook:redis-slave-0", "10.0.0.10"))
        self.assertFalse(self.leaves(switch, "guestbook:guestbook-0", "203.0.113.9"))

    @staticmethod
    def leaves(switch, pod, address):
        """True if the network of a pod lets a connection to an unknown address out."""
        packet = {"inport": interface(pod), "version": 4, "protocol": "tcp", "tcp.dst": 443,
                  "ip.dst": ip_address(address), "reg1": 0, "xxreg1": 0, "reg2": 0}
        verdicts = [(row.columns["priority"], row.columns["action"])
                    for row in switch.rows.values() if row.table == "ACL"
                    and row.columns["direction"] == "from-lport"
                    and switch.matches(row.columns["match"], packet)]
        return max(verdicts)[1] == "allow-related"

    def test_a_network_of_another_owner(self):
        legacy, policy = "default-domain:legacy:oracle-db", f"{GB}:__svc_oracle"
        self.objects.network(legacy, ("172.16.0.0", 24, "172.16.0.1"), policies=[policy])
        self.objects.pod(legacy, "legacy:db", "02:00:00:00:01:01", "172.16.0.9")
        self.objects.policy(policy, rule(f"{GB}:redis-slave", legacy))
        self.attach(policy, f"{GB}:redis-slave")
        switch = self.connections(self.objects)
        self.assert_reaches(switch, "guestbook:redis-slave-0", "172.16.0.9", "legacy:db", port=1521)
        self.assert_reaches(switch, "guestbook:guestbook-0", "172.16.0.9", port=1521)
        # The rule has the direction <>: interfaces at both ends may begin.
        self.assert_reaches(switch, "legacy:db", "10.0.0.20", "guestbook:redis-slave-0", port=6379)
        self.assert_reaches(switch, "legacy:db", "10.0.0.10", port=6379)

    def test_a_network_that_a_rule_names_too_early(self):
        self.objects.policy(f"{GB}:__svc_later", rule(f"{GB}:guestbook", "default-domain:no:where"))
        self.attach(f"{GB}:__svc_later", f"{GB}:guestbook")
        self.assert_reaches(self.connections(self.objects), "guestbook:guestbook-0", "10.254.0.3",
                            "guestbook:redis-master-0", port=6379)

    def test_a_public_network_that_does_not_exist(self):
        found = [str(problem) for problem in rows_of(self.objects, public=("d:p:no",)).problems]
        self.assertEqual(found, ["virtual-network d:p:no: it is named as a public network and does "
                                 "not exist"])

    def test_public_addresses_without_a_gateway(self):
        found = [str(problem) for problem in rows_of(self.objects, outside=None).problems]
        self.assertEqual(found, [f"floating-ip {PUBLIC}:Public:guestbook_guestbook{suffix}: the "
                                 "outside does not reach it: no gateway is given"
                                 for suffix in ("", "_2001-db8-2--10")])


class Rules(RowsTest):
    """Rules that a person writes."""

    A, B, POLICY = "default-domain:x:a", "default-domain:x:b", "default-domain:x:p"

    def two(self, *rules, **options):
        """Two networks with one policy; b has a floating IP, from port 80 to 3000 of b0."""
        return self.connections(self.objects(*rules), **options)

    def objects(self, *rules):
        objects = Objects()
        objects.network(self.A, POD_RANGE, policies=[self.POLICY])
        objects.network(self.B, POD_RANGE, SERVICE_RANGE, policies=[self.POLICY])
        objects.pod(self.A, "x:a0", "02:00:00:00:00:01", "10.0.0.1")
        objects.pod(self.B, "x:b0", "02:00:00:00:00:02", "10.0.0.2")
        objects.pod(self.B, "x:b1", "02:00:00:00:00:03", "10.0.0.3")
        objects.policy(self.POLICY, *rules)
        objects.floating_ip(self.B, "f", "10.254.0.9", ["x:b0"], [("tcp", 80, 3000)])
        return objects

    def test_direction(self):
        switch = self.two(rule(self.A, self.B, direction=">"))
        self.assert_reaches(switch, "x:a0", "10.0.0.2", "x:b0")
        self.assert_reaches(switch, "x:b0", "10.0.0.1")

    def test_ports_of_an_interface(self):
        switch = self.two(rule(self.A, self.B, protocol="tcp", ports=(8000, 8080), direction=">"))
        self.assert_reaches(switch, "x:a0", "10.0.0.2", "x:b0", port=8042)
        self.assert_reaches(switch, "x:a0", "10.0.0.2", port=8081)
        self.assert_reaches(switch, "x:a0", "10.0.0.2", port=8042, protocol="udp")

    def test_ports_of_a_floating_ip_are_those_before_the_mapping(self):
        switch = self.two(rule(self.A, self.B, protocol="tcp", ports=(80, 80), direction=">"))
        self.assert_reaches(switch, "x:a0", "10.254.0.9", "x:b0", target=3000)
        switch = self.two(rule(self.A, self.B, protocol="tcp", ports=(3000, 3000), direction=">"))
        self.assert_reaches(switch, "x:a0", "10.254.0.9")

    def test_an_established_connection_keeps_its_floating_ip_and_port(self):
        backend = interface("x:b0")
        for ports, passes in (((80, 80), True), ((3000, 3000), False)):
            switch = self.two(rule(self.A, self.B, protocol="tcp", ports=ports, direction=">"))
            self.assert_reaches(switch, "x:a0", "10.254.0.9", *["x:b0"][:passes], target=3000,
                                established=backend)

    def test_the_inside_can_be_closed(self):
        for end in (self.B, "local"):
            switch = self.two(rule(end, end, protocol="tcp", ports=(22, 22), direction=">",
                                   action="deny"))
            self.assertEqual(switch.reached(interface("x:b1"), "10.0.0.2", port=22), set())
            self.assert_reaches(switch, "x:b1", "10.0.0.2", "x:b0", port=23)
            into = {row.columns["action"] for row in switch.rows.values()
                    if "rule/" in row.key and row.key.endswith("/in")}
            self.assertEqual(into, {"drop"})

    def test_local_is_the_network_with_the_policy(self):
        out, into = (rule(source, destination, direction=">")
                     for source, destination in (("local", self.B), (self.A, "local")))
        self.assert_reaches(self.two(out, into), "x:a0", "10.0.0.2", "x:b0")
        self.assert_reaches(self.two(out), "x:a0", "10.0.0.2")

    def test_one_family(self):
        for ethertype, names in (("IPv4", ["x:b0"]), ("IPv6", [])):
            switch = self.two(rule(self.A, self.B, direction=">", ethertype=ethertype))
            for address, target in (("10.0.0.2", 80), ("10.254.0.9", 3000)):
                self.assert_reaches(switch, "x:a0", address, *names, target=target)
            self.assertEqual(bool(names), any(
                "rule/" in row.key and row.key.endswith("/behind") for row in switch.rows.values()))

    def test_policies_count_in_the_order_of_their_sequence(self):
        for majors, names in (((1, 2), []), ((2, 1), ["x:b0"])):
            objects = self.objects(rule(self.A, self.B, protocol="udp", direction=">",
                                        action="deny"))
            objects.policy("d:p:open", rule(self.A, self.B, direction=">"))
            for network in (self.A, self.B):
                references = objects.get("virtual-network", network)["network_policy_refs"]
                references.insert(0, {"to": ["d", "p", "open"], "attr": {"sequence": {
                    "major": majors[1], "minor": 0}}})
                references[1]["attr"]["sequence"]["major"] = majors[0]
            self.assert_reaches(self.connections(objects), "x:a0", "10.0.0.2", *names,
                                protocol="udp")

    def test_one_of_two_addresses_of_an_interface(self):
        objects = self.objects(rule(self.A, self.B, direction=">"))
        objects.add("instance-ip", "second", instance_ip_address="10.0.0.9",
                    virtual_machine_interface_refs=[{"to": [], "uuid": interface("x:b0")}])
        for fixed in ("10.0.0.2", "10.0.0.9"):
            objects.lists["floating-ip"][0]["floating_ip_fixed_ip_address"] = fixed
            balancer = next(row for row in rows_of(objects).rows.values()
                            if row.table == "Load_Balancer")
            self.assertEqual(balancer.columns["vips"], {"10.254.0.9:80": f"{fixed}:3000"})

    def test_the_first_rule_decides(self):
        deny = rule(self.A, self.B, protocol="tcp", ports=(22, 22), direction=">", action="deny")
        every = rule(self.A, "any", direction=">")
        switch = self.two(deny, every)
        self.assert_reaches(switch, "x:a0", "10.0.0.2", port=22)
        self.assert_reaches(switch, "x:a0", "10.0.0.2", "x:b0", port=23)
        switch = self.two(every, deny)
        self.assert_reaches(switch, "x:a0", "10.0.0.2", "x:b0", port=22)

    def test_a_deny_rule_towards_a_floating_ip(self):
        switch = self.two(
            rule(self.A, self.B, protocol="tcp", ports=(80, 80), direction=">", action="deny"),
            rule(self.A, self.B, direction=">"), unexpressed=[
                "a deny rule towards floating IPs counts at the networks of its sources only"])
        self.assert_reaches(switch, "x:a0", "10.254.0.9")
        self.assert_reaches(switch, "x:a0", "10.0.0.2", "x:b0", port=81)

    def test_subnets(self):
        wide = rule(self.A, self.B, direction=">")
        wide["src_addresses"] = [{"subnet": {"ip_prefix": "10.0.0.0", "ip_prefix_len": 31}}]
        out = rule(self.A, "any", direction=">")
        out["dst_addresses"] = [{"subnet": {"ip_prefix": "10.0.0.0", "ip_prefix_len": 24}}]
        switch = self.two(wide, out)
        self.assert_reaches(switch, "x:a0", "10.0.0.2", "x:b0")
        wide["src_addresses"] = [{"subnet": {"ip_prefix": "10.0.1.0", "ip_prefix_len": 24}}]
        self.assert_reaches(self.two(wide, out), "x:a0", "10.0.0.2")

    def test_many_sources(self):
        switch = self.two(rule(["default-domain:x:other", self.A], self.B, direction=">"))
        self.assert_reaches(switch, "x:a0", "10.0.0.2", "x:b0")


if __name__ == "__main__":
    unittest.main()
