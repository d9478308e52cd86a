"""All that the config API may hold is read, or named with a reason. Nothing crashes."""

import copy
import random
import unittest

from objects import (GB, MASTER_POLICY, POD_RANGE, PUBLIC, Objects, guestbook, rule,
                     uuid_of)
from renderer.config import parse
from renderer.desired import desired
from switch_model import Switch

MASTER_ADDRESS = f"{GB}:service-redis-master:service-redis-master:redis-master"


def problems_of(objects):
    """What is not expressed, without the missing gateway."""
    return [str(problem) for problem in desired(parse(objects.lists)).problems
            if "gateway" not in problem.reason]


class OddValues(unittest.TestCase):
    """One odd value in guestbook."""

    def setUp(self):
        self.objects = guestbook()

    def assert_problem(self, pattern, count=1):
        found = problems_of(self.objects)
        self.assertRegex("\n".join(found), pattern)
        self.assertEqual(len(found), count, found)

    def set_rule(self, **fields):
        policy = self.objects.get("network-policy", MASTER_POLICY)
        policy["network_policy_entries"]["policy_rule"][0].update(fields)

    def set_floating_ip(self, **fields):
        self.objects.get("floating-ip", MASTER_ADDRESS).update(fields)

    def test_none(self):
        self.assertEqual(problems_of(self.objects), [])

    def test_rules(self):
        cases = [
            ({"protocol": "carrier-pigeon"}, "rule 1 .*the protocol 'carrier-pigeon'"),
            ({"protocol": None}, "rule 1 .*the protocol None"),
            ({"direction": "<"}, "the direction is '<'"),
            ({"action_list": {"simple_action": "reject"}}, "the action is 'reject'"),
            ({"action_list": {"simple_action": "pass", "apply_service": ["a:b:c"]}},
             "the action apply_service"),
            ({"src_addresses": [{"security_group": "a:b:c"}]}, "a security-group"),
            ({"src_addresses": []}, "one side has no address"),
            ({"dst_addresses": [{"virtual_network": "a:b:c", "subnet": {
                "ip_prefix": "10.0.0.0", "ip_prefix_len": 8}}]}, "a part of a network"),
            ({"dst_ports": [{"start_port": 9, "end_port": 3}]}, "the ports 9 to 3"),
            ({"dst_ports": [{"start_port": "x", "end_port": 3}]}, "rule 1 cannot be read"),
            ({"ethertype": "IPX"}, "the ethertype 'IPX'"),
            ({"protocol": "icmp", "dst_ports": [{"start_port": 3, "end_port": 3}]},
             "ports of the protocol icmp"),
        ]
        for fields, pattern in cases:
            with self.subTest(pattern):
                self.objects = guestbook()
                self.set_rule(**fields)
                self.assert_problem(f"^network-policy {MASTER_POLICY}: .*{pattern}")
                self.assert_other_rules_work()

    def assert_other_rules_work(self):
        switch = Switch(desired(parse(self.objects.lists)).rows)
        slave, master = (uuid_of("virtual-machine-interface", f"default-domain:guestbook:{name}")
                         for name in ("redis-slave-0", "redis-master-0"))
        self.assertEqual(switch.reached(slave, "10.254.0.3", port=6379), {(master, 6379)})

    def test_a_rule_without_a_uuid_and_two_with_the_same(self):
        self.set_rule(rule_uuid=None)
        self.assertEqual(problems_of(self.objects), [])
        rules = self.objects.get("network-policy", MASTER_POLICY)[
            "network_policy_entries"]["policy_rule"]
        rules[0]["rule_uuid"] = rules[1]["rule_uuid"]
        count = len(desired(parse(guestbook().lists)).rows)
        self.assertEqual(len(desired(parse(self.objects.lists)).rows), count)

    def test_floating_ips(self):
        ports = {"floating_ip_port_mappings_enable": True}
        cases = [
            ({"floating_ip_address": "10.254.0.300"}, "it cannot be read"),
            ({"floating_ip_address": None}, "it cannot be read"),
            ({"parent_type": "instance-ip"}, "not in a floating-ip-pool"),
            ({"floating_ip_traffic_direction": None}, "traffic direction both"),
            ({"floating_ip_traffic_direction": "sideways"}, "unknown traffic direction"),
            ({"floating_ip_address": "10.254.0.2"}, "has 10.254.0.2 already"),
            ({**ports, "floating_ip_port_mappings": {"port_mappings": [
                {"protocol": "icmp", "src_port": 1, "dst_port": 1}]}}, "the protocol 'icmp'"),
            ({**ports, "floating_ip_port_mappings": {"port_mappings": [{"protocol": "tcp"}]}},
             "port mapping .* cannot be read"),
            ({**ports, "floating_ip_port_mappings": {"port_mappings": [
                {"protocol": "tcp", "src_port": 0, "dst_port": 70000}]}}, "are no ports"),
            ({"fq_name": ["no", "such", "net", "pool", "f"]}, "no virtual-network no:such:net"),
            ({"virtual_machine_interface_refs": [
                {"to": ["ERROR"], "uuid": uuid_of("gone"), "attr": None}]}, "is not there"),
        ]
        for fields, pattern in cases:
            with self.subTest(pattern):
                self.objects = guestbook()
                self.set_floating_ip(**fields)
                self.assert_problem(f"^floating-ip .*{pattern}")

    def test_a_backend_without_an_address_of_the_family(self):
        self.objects.remove("instance-ip", "guestbook_redis-master-0_v6")
        self.assert_problem(r"redis-master_v6: the interface .*redis-master-0 .*\(IPv6\)")

    def test_interfaces(self):
        name = f"{GB}:redis-slave-1"
        cases = [
            ({"virtual_network_refs": []}, "refers to no virtual-network"),
            ({"virtual_machine_interface_mac_addresses": None}, "it has no MAC"),
            ({"virtual_machine_interface_mac_addresses": {"mac_address": ["02:00 drop"]}},
             "no usable MAC"),
            ({"uuid": "not-a-uuid"}, "it cannot be read"),
        ]
        for fields, pattern in cases:
            with self.subTest(pattern):
                self.objects = guestbook()
                self.objects.get("virtual-machine-interface", name).update(fields)
                found = problems_of(self.objects)
                self.assertRegex("\n".join(found), f"virtual-machine-interface {name}: .*{pattern}")
                self.assert_other_rules_work()

    def test_fields_that_have_no_effect(self):
        self.objects.get("virtual-machine-interface", f"{GB}:redis-slave-1").update(
            security_group_refs=[{"to": ["a", "b", "c"]}],
            virtual_machine_interface_allowed_address_pairs={"allowed_address_pair": [{"ip": {}}]},
            virtual_machine_interface_fat_flow_protocols={"fat_flow_protocol": []})
        self.objects.get("virtual-network", PUBLIC)["fabric_snat"] = True
        found = problems_of(self.objects)
        self.assertEqual(len(found), 3, found)
        for word in ("security groups", "allowed address pairs", "fabric_snat"):
            self.assertIn(word, "\n".join(found))

    def test_an_address_that_another_network_has_too(self):
        objects = Objects()
        for name in ("a", "b"):
            objects.network(f"d:p:{name}", POD_RANGE)
            objects.pod(f"d:p:{name}", f"p:{name}0", f"02:00:00:00:00:0{name}", "10.0.0.1")
        found = problems_of(objects)
        self.assertRegex(found[0], "instance-ip .*has 10.0.0.1 already")
        self.assertRegex(found[1], "it has no address yet")

    def test_a_reservation_is_no_address_of_an_interface(self):
        self.objects.add("instance-ip", "reserved", instance_ip_address="10.0.0.10")
        self.assertEqual(problems_of(self.objects), [])

    def test_two_gateways_of_one_subnet(self):
        objects = Objects()
        for name, gateway in (("a", "10.0.255.254"), ("b", "10.0.255.253")):
            objects.network(f"d:p:{name}", (*POD_RANGE[:2], gateway))
            objects.pod(f"d:p:{name}", f"p:{name}0", f"02:00:00:00:00:0{name}",
                        f"10.0.0.1{ord(name)}")
        found = list(map(str, desired(parse(objects.lists)).problems))
        self.assertEqual(found, ["virtual-network d:p:b: the subnet 10.0.0.0/16 has the gateway "
                                 "10.0.255.253, and in another network 10.0.255.254: only that "
                                 "one answers"])


class AnyValues(unittest.TestCase):
    """Values of every shape, at every place."""

    _VALUES = (None, 0, -1, 2 ** 70, True, "", "x", "any", "::1", "10.0.0.0/8", [], [None], {},
               [{}], {"to": 3}, [[]], ["a", "b"], 1.5)

    def test_nothing_crashes(self):
        chance = random.Random(20)
        for _ in range(300):
            objects = copy.deepcopy(guestbook().lists)
            kind = chance.choice(sorted(objects))
            entry = chance.choice(objects[kind])
            self._damage(chance, entry)
            result = desired(parse(objects))
            self.assertTrue(result.rows)
            for problem in result.problems:
                self.assertTrue(problem.object and problem.reason)

    def test_a_list_with_anything_in_it(self):
        for value in self._VALUES:
            result = desired(parse({"virtual-network": [value], "floating-ip": [value]}))
            self.assertEqual(len(result.problems), 2)

    def _damage(self, chance, value):
        """Replaces something inside of a value."""
        while True:
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
            key = chance.choice(keys)
            below = value[key]
            if isinstance(below, (dict, list)) and below and chance.random() < 0.7:
                value = below
                continue
            value[key] = chance.choice(self._VALUES)
            return


class Directions(unittest.TestCase):
    """A rule <> also lets connections begin at its destination, from its ports."""

    def test_ports_are_exchanged(self):
        a, b = "d:p:a", "d:p:b"
        objects = Objects()
        for name, last in ((a, 1), (b, 2)):
            objects.network(name, POD_RANGE, policies=["d:p:p"])
            objects.pod(name, f"p:{last}", f"02:00:00:00:00:0{last}", f"10.0.0.{last}")
        objects.policy("d:p:p", rule(a, b, protocol="tcp", ports=(80, 80)))
        matches = [row.columns["match"] for row in desired(parse(objects.lists)).rows.values()
                   if "/reverse/" in row.key]
        self.assertEqual(len(matches), 2)
        for text in matches:
            self.assertIn("tcp.src == 80", text)
            self.assertNotIn("tcp.dst", text)


if __name__ == "__main__":
    unittest.main()
