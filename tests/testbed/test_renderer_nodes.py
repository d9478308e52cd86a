"""The nodes' way into the overlay: link-local services, and the way from a node to its Pods."""

import os
import subprocess
import unittest
from ipaddress import ip_address, ip_interface

import paths  # extends sys.path
from config_server import ConfigServer
from northd import Northd
from objects import PUBLIC, guestbook, uuid_of
from renderer.config import parse
from renderer.desired import desired
from renderer.nodes import MAC, PORT, Nodes

_NODES = Nodes(ip_interface("169.254.1.1/24"), ((ip_address("10.254.0.1"), 443),))
_SWITCH = "config-api-interfaces"
_ROUTER_MAC = "0a:00:00:00:00:01"
_MASTER = uuid_of("virtual-machine-interface", "default-domain:guestbook:redis-master-0")


class Rows(unittest.TestCase):
    """The rows alone."""

    def test_addresses(self):
        """The router has the last usable address of the nodes' range."""
        self.assertEqual(_NODES.router, "169.254.1.254/24")
        self.assertEqual(Nodes(ip_interface("169.254.1.0/31")).router, "169.254.1.1/31")

    def test_none(self):
        """Without the nodes' way there is nothing of it."""
        for row in desired(parse(guestbook().lists), None, ()).rows.values():
            self.assertNotIn("nodes/", row.key)
            self.assertNotIn("169.254", str(row))


class OnOvn(unittest.TestCase):
    """The command with a real OVN."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(ConfigServer())
        cls.server.fill(guestbook())
        cls.northd = cls.enterClassContext(Northd())
        done = subprocess.run([
            os.path.join(paths.HERE, "config-to-ovn"), "--once",
            "--config-api", "http://{}:{}".format(*cls.server.address),
            "--northbound", cls.northd.northbound, "--public-network", PUBLIC,
            "--gateway-chassis", "gateway", "--gateway-address", "198.51.100.1/24",
            "--node-address", str(_NODES.address), "--link-local-service", "10.254.0.1:443"],
            capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        cls.northd.sync()
        pod = next(entry for entry in guestbook().lists["virtual-machine-interface"]
                   if entry["uuid"] == _MASTER)
        cls.mac = pod["virtual_machine_interface_mac_addresses"]["mac_address"][0]
        cls.address = next(entry["instance_ip_address"] for entry in
                           guestbook().lists["instance-ip"]
                           if entry["virtual_machine_interface_refs"][0]["uuid"] == _MASTER)

    def _trace(self, flow):
        return self.northd.trace(_SWITCH, flow)

    def _from_pod(self, address, port):
        return self._trace(
            f'inport == "{_MASTER}" && eth.src == {self.mac} && eth.dst == {_ROUTER_MAC} && '
            f"ip4.src == {self.address} && ip4.dst == {address} && ip.ttl == 64 && tcp && "
            f"tcp.dst == {port}")

    def _from_node(self, source):
        return self._trace(
            f'inport == "{PORT}" && eth.src == {MAC} && eth.dst == {_ROUTER_MAC} && '
            f"ip4.src == {source} && ip4.dst == {self.address} && ip.ttl == 64 && tcp && "
            "tcp.dst == 8080")

    def test_link_local_service(self):
        """A Pod of a tier that uses nothing reaches it, and no other port of its node."""
        self.assertIn(f'output to "{PORT}"', self._from_pod("10.254.0.1", 443))
        for address, port in (("10.254.0.1", 80), (_NODES.address.ip, 443),
                              (_NODES.address.ip, 10250)):
            self.assertNotIn("output to", self._from_pod(address, port))

    def test_from_the_node(self):
        """A node reaches its Pods, by its own address only."""
        # A trace shortens uuids.
        self.assertIn(f'output to "{_MASTER[:6]}', self._from_node(_NODES.address.ip))
        self.assertNotIn(f'output to "{_MASTER[:6]}', self._from_node("10.254.0.1"))

    def test_from_outside(self):
        """The outside cannot use a node's address."""
        policies = self.northd.nbctl("lr-policy-list", "config-api-router")
        self.assertRegex(policies, r"1001 .*config-api-router-outside.*169\.254\.1\.1 +drop")


if __name__ == "__main__":
    unittest.main()
