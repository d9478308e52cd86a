#!/usr/bin/env python3
"""Runs vnc_api, the public client of the real server, on the stand-in, with the objects of a
guestbook.

    CONTRAIL_CONFIG_API=build/bin/contrail-config-api tests/config-api-conformance/vnc_client_test.py
"""

import os
import sys
import unittest
import uuid
import warnings

import standin
import vnc_venv

if __name__ == "__main__" and os.environ.get("IN_VNC_VENV") != "1":
    interpreter = str(vnc_venv.ensure())
    os.execve(interpreter, [interpreter, *sys.argv], {**os.environ, "IN_VNC_VENV": "1"})

warnings.simplefilter("ignore")  # the client is from 2020: invalid escapes, deprecated modules
from vnc_api import exceptions, vnc_api  # noqa: E402

DOMAIN = ["default-domain"]
IPAM = ["default-domain", "default-project", "default-network-ipam"]


def annotated(obj, **pairs):
    obj.set_annotations(vnc_api.KeyValuePairs([vnc_api.KeyValuePair(*pair) for pair in pairs.items()]))
    return obj


class Guestbook:
    """A project with a pod network, a service network, a policy between them, a Pod and a
    Service."""

    def __init__(self, api):
        self.api = api
        self.project = annotated(vnc_api.Project("gb", api.domain_read(fq_name=DOMAIN)), kind="Namespace")
        api.project_create(self.project)
        self.policy = vnc_api.NetworkPolicy("__svc_redis", self.project, network_policy_entries=self.rules("front"))
        api.network_policy_create(self.policy)
        self.front = self.network("front", "10.0.0.0", "10.0.255.254")
        self.service = self.network("service-redis", "10.254.0.0", "0.0.0.0")
        self.pool = vnc_api.FloatingIpPool("service-redis", self.service)
        api.floating_ip_pool_create(self.pool)

    @staticmethod
    def rules(source):
        anywhere = [vnc_api.PortType(-1, -1)]
        rule = vnc_api.PolicyRuleType(
            direction="<>",
            protocol="any",
            src_addresses=[vnc_api.AddressType(virtual_network=f"default-domain:gb:{source}")],
            src_ports=anywhere,
            dst_addresses=[vnc_api.AddressType(virtual_network="default-domain:gb:service-redis")],
            dst_ports=anywhere,
            action_list=vnc_api.ActionListType(simple_action="pass"),
        )
        return vnc_api.PolicyEntriesType([rule])

    def network(self, name, prefix, gateway):
        network = vnc_api.VirtualNetwork(name, self.project)
        subnet = vnc_api.IpamSubnetType(subnet=vnc_api.SubnetType(prefix, 16), default_gateway=gateway)
        network.add_network_ipam(self.api.network_ipam_read(fq_name=IPAM), vnc_api.VnSubnetsType([subnet]))
        sequence = vnc_api.VirtualNetworkPolicyType(sequence=vnc_api.SequenceType(10, 0))
        network.add_network_policy(self.policy, sequence)
        self.api.virtual_network_create(network)
        return network

    def pod(self, name):
        machine = vnc_api.VirtualMachine(str(uuid.uuid5(uuid.NAMESPACE_DNS, name)))
        machine.uuid = machine.name
        machine.display_name = name
        self.api.virtual_machine_create(machine)
        interface = vnc_api.VirtualMachineInterface(name, self.project)
        interface.set_virtual_machine(machine)
        interface.set_virtual_network(self.front)
        self.api.virtual_machine_interface_create(interface)
        address = vnc_api.InstanceIp(f"gb_{name}", instance_ip_mode="active-active")
        address.set_virtual_network(self.front)
        address.set_virtual_machine_interface(interface)
        self.api.instance_ip_create(address)
        return machine, interface, address

    def floating_ip(self, interfaces):
        mapping = vnc_api.PortMap("tcp", 80, 3000)
        ip = vnc_api.FloatingIp(
            "redis",
            self.pool,
            floating_ip_address="10.254.0.11",
            floating_ip_traffic_direction="ingress",
            floating_ip_port_mappings_enable=True,
            floating_ip_port_mappings=vnc_api.PortMappings([mapping]),
        )
        ip.set_project(self.project)
        for interface in interfaces:
            ip.add_virtual_machine_interface(interface)
        self.api.floating_ip_create(ip)
        return ip


class VncClientTest(unittest.TestCase):
    def setUp(self):
        server = self.enterContext(standin.StandIn())
        self.server = server
        self.at_start = server.stats()["objects"]
        self.api = vnc_api.VncApi(api_server_host=server.address[0], api_server_port=server.address[1])
        self.guestbook = Guestbook(self.api)

    def test_created_objects_are_read_back(self):
        network = self.api.virtual_network_read(id=self.guestbook.front.uuid)
        subnet = network.get_network_ipam_refs()[0]["attr"].get_ipam_subnets()[0]
        self.assertEqual(subnet.default_gateway, "10.0.255.254")
        self.assertEqual(subnet.dns_server_address, "10.0.255.253")
        self.assertEqual(str(uuid.UUID(subnet.subnet_uuid)), subnet.subnet_uuid)
        self.assertEqual(network.get_network_policy_refs()[0]["to"], ["default-domain", "gb", "__svc_redis"])
        policy = self.api.network_policy_read(fq_name=["default-domain", "gb", "__svc_redis"])
        rule = policy.get_network_policy_entries().get_policy_rule()[0]
        self.assertEqual(rule.get_src_addresses()[0].get_virtual_network(), "default-domain:gb:front")
        self.assertTrue(rule.get_rule_uuid())
        project = self.api.project_read(id=self.guestbook.project.uuid)
        self.assertEqual([pair.get_key() for pair in project.get_annotations().get_key_value_pair()], ["kind"])

    def test_a_pod_and_a_service_get_their_addresses(self):
        _, interface, address = self.guestbook.pod("front-0")
        _, second, second_address = self.guestbook.pod("front-1")
        read = self.api.virtual_machine_interface_read(id=interface.uuid)
        mac = read.get_virtual_machine_interface_mac_addresses().get_mac_address()[0]
        self.assertEqual(mac.replace(":", "")[2:], interface.uuid.replace("-", "")[:10])
        addresses = [self.api.instance_ip_read(id=ip.uuid).get_instance_ip_address() for ip in (address, second_address)]
        self.assertEqual(addresses, ["10.0.255.252", "10.0.255.251"])

        ip = self.guestbook.floating_ip([interface, second])
        read = self.api.floating_ip_read(id=ip.uuid)
        self.assertEqual(read.get_floating_ip_address(), "10.254.0.11")
        self.assertEqual(read.get_floating_ip_port_mappings().get_port_mappings()[0].get_dst_port(), 3000)
        self.assertEqual(len(read.get_virtual_machine_interface_refs()), 2)

        read.del_virtual_machine_interface(second)
        self.api.floating_ip_update(read)
        refs = self.api.floating_ip_read(id=ip.uuid).get_virtual_machine_interface_refs()
        self.assertEqual([ref["uuid"] for ref in refs], [interface.uuid])
        self.api.ref_update("floating-ip", ip.uuid, "virtual-machine-interface", second.uuid, None, "ADD")
        self.assertEqual(len(self.api.floating_ip_read(id=ip.uuid).get_virtual_machine_interface_refs()), 2)

    def test_updates_are_read_back(self):
        network = self.api.virtual_network_read(id=self.guestbook.front.uuid)
        network.display_name = "the front"
        network.add_annotations(vnc_api.KeyValuePair("owner", "test"))
        self.api.virtual_network_update(network)
        read = self.api.virtual_network_read(id=network.uuid)
        self.assertEqual(read.display_name, "the front")
        self.assertEqual(read.get_annotations().get_key_value_pair()[0].get_value(), "test")
        read.del_annotations("owner")
        self.api.virtual_network_update(read)
        self.assertFalse(self.api.virtual_network_read(id=network.uuid).get_annotations())

        policy = self.api.network_policy_read(id=self.guestbook.policy.uuid)
        policy.set_network_policy_entries(Guestbook.rules("back"))
        self.api.network_policy_update(policy)
        rules = self.api.network_policy_read(id=policy.uuid).get_network_policy_entries().get_policy_rule()
        self.assertEqual(rules[0].get_src_addresses()[0].get_virtual_network(), "default-domain:gb:back")

    def test_lists_can_be_filtered(self):
        project = self.guestbook.project.uuid
        rows = self.api.virtual_networks_list(parent_id=project)["virtual-networks"]
        self.assertEqual([row["fq_name"][-1] for row in rows], ["front", "service-redis"])
        self.assertEqual(self.api.virtual_networks_list(parent_id=project, count=True), {"virtual-networks": {"count": 2}})
        detailed = self.api.virtual_networks_list(parent_id=project, detail=True)
        self.assertEqual({network.name for network in detailed}, {"front", "service-redis"})
        using = self.api.virtual_networks_list(back_ref_id=self.guestbook.policy.uuid, fields=["display_name"])
        self.assertEqual({row["display_name"] for row in using["virtual-networks"]}, {"front", "service-redis"})
        found = self.api.virtual_networks_list(filters={"display_name": "front"})["virtual-networks"]
        self.assertEqual([row["uuid"] for row in found], [self.guestbook.front.uuid])
        many = self.api.virtual_networks_list(obj_uuids=[self.guestbook.front.uuid, str(uuid.uuid4())] * 200)
        self.assertTrue(many["virtual-networks"])
        self.assertEqual(self.api.id_to_fq_name(self.guestbook.front.uuid), self.guestbook.front.fq_name)

    def test_refusals_become_the_exceptions_of_the_client(self):
        with self.assertRaises(exceptions.RefsExistError):
            self.api.project_create(vnc_api.Project("gb", self.api.domain_read(fq_name=DOMAIN)))
        with self.assertRaises(exceptions.RefsExistError):
            self.api.network_policy_delete(id=self.guestbook.policy.uuid)
        with self.assertRaises(exceptions.RefsExistError):
            self.api.project_delete(id=self.guestbook.project.uuid)
        with self.assertRaises(exceptions.NoIdError):
            self.api.virtual_network_read(fq_name=["default-domain", "gb", "gone"])
        with self.assertRaises(exceptions.NoIdError):
            self.api.virtual_network_delete(id=str(uuid.uuid4()))
        with self.assertRaises(exceptions.BadRequest):
            self.api.virtual_network_create(vnc_api.VirtualNetwork("a:b", self.guestbook.project))

    def test_objects_can_be_deleted_in_order(self):
        machine, interface, address = self.guestbook.pod("front-0")
        ip = self.guestbook.floating_ip([interface])
        self.api.floating_ip_delete(id=ip.uuid)
        self.api.instance_ip_delete(id=address.uuid)
        self.api.virtual_machine_interface_delete(id=interface.uuid)
        self.api.virtual_machine_delete(id=machine.uuid)
        self.api.floating_ip_pool_delete(id=self.guestbook.pool.uuid)
        for network in (self.guestbook.front, self.guestbook.service):
            self.api.virtual_network_delete(id=network.uuid)
        self.api.network_policy_delete(id=self.guestbook.policy.uuid)
        self.api.project_delete(id=self.guestbook.project.uuid)
        self.assertEqual(self.server.stats()["objects"], self.at_start)


if __name__ == "__main__":
    unittest.main()
