"""The command config-to-ovn between a config API server and a real OVN.

ovsdb-server and ovn-northd run in a temporary folder; ovn-trace says which port a packet comes to.
"""

import json
import os
import re
import signal
import subprocess
import threading
import time
import unittest

import paths  # extends sys.path
from config_server import ConfigServer
from northd import Northd
from objects import (GB, MASTER_POLICY, PUBLIC, SLAVE_POLICY, guestbook, rule,
                     uuid_of)

_PROGRAM = os.path.join(paths.HERE, "config-to-ovn")
_DEADLINE = 30  # seconds for what must happen
_SWITCH, _OUTSIDE = "config-api-interfaces", "config-api-outside"
_GATEWAY = ["--public-network", PUBLIC, "--gateway-chassis", "gateway",
            "--gateway-address", "198.51.100.1/24", "--next-hop", "198.51.100.254",
            "--gateway-address", "fd00:51::1/64", "--next-hop", "fd00:51::ffff"]
_SLAVE_ADDRESS = f"{GB}:service-redis-slave:service-redis-slave:redis-slave"
_GUESTBOOKS = {f"guestbook:guestbook-{index}" for index in range(3)}
_SLAVES = {f"guestbook:redis-slave-{index}" for index in range(2)}
_MASTER = {"guestbook:redis-master-0"}


def interface(pod):
    """The uuid of a pod's interface; `pod`: project:pod."""
    return uuid_of("virtual-machine-interface", f"default-domain:{pod}")


class Renderer:
    """The command, running; a context manager."""

    def __init__(self, *arguments):
        self.lines = []
        self._child = subprocess.Popen([_PROGRAM, *arguments], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._child.stdout:
            self.lines.append(line.rstrip())

    def wait_for(self, pattern, since=0):
        """Waits until a line after the first `since` ones has the pattern; how many there are."""
        end = time.monotonic() + _DEADLINE
        while time.monotonic() < end:
            for count, line in enumerate(self.lines[since:], since + 1):
                if re.search(pattern, line):
                    return count
            time.sleep(0.01)
        raise AssertionError(f"no line with {pattern!r} in {self.lines[since:]}")

    def stop(self, number=signal.SIGINT):
        """Sends the signal; the exit code."""
        self._child.send_signal(number)
        return self._end()

    def _end(self):
        try:
            return self._child.wait(_DEADLINE)
        finally:
            self._reader.join()
            self._child.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._child.poll() is None:
            self._child.kill()
        if not self._child.stdout.closed:
            self._end()


class OvnTest(unittest.TestCase):
    """A server with guestbook, an OVN, and one pass of the command."""

    def setUp(self):
        self.server = self.enterContext(ConfigServer())
        self.server.fill(guestbook())
        self.ovn = self.enterContext(Northd())
        self.arguments = ["--config-api", "http://{}:{}".format(*self.server.address),
                          "--northbound", self.ovn.northbound]

    def once(self, *options):
        """One pass; its output."""
        done = subprocess.run([_PROGRAM, *self.arguments, "--once", *(options or _GATEWAY)],
                              capture_output=True, text=True, timeout=_DEADLINE, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.ovn.sync()
        return done.stdout

    def bind_gateway(self):
        """What ovn-controller on the gateway does."""
        self.ovn.sbctl("lsp-bind", "cr-config-api-router-outside", "gateway")
        self.ovn.sync()

    def reached(self, pod, destination, port=6379, protocol="tcp", backend=None):
        """Pods that a connection of a pod comes to; the real OVN decides."""
        number = self._row("Logical_Switch_Port", f"interface/{interface(pod)}", "addresses")[0]
        mac, source4, source6 = number.split()
        version, source = (6, source6) if ":" in destination else (4, source4)
        layer = (f"{protocol}.src == 40000 && {protocol}.dst == {port}" if port
                 else "icmp4.type == 8")
        flow = (f'inport == "{interface(pod)}" && eth.src == {mac} && '
                f"eth.dst == 0a:00:00:00:00:01 && ip.ttl == 64 && ip{version}.src == {source} && "
                f"ip{version}.dst == {destination} && {layer}")
        return self._pods(self.ovn.reached(_SWITCH, flow, backend))

    def reached_from_outside(self, destination, port=80):
        """The same for a connection that comes from outside."""
        version, source = (6, "fd00:51::77") if ":" in destination else (4, "198.51.100.77")
        return self._pods(self.ovn.reached(_OUTSIDE, (
            'inport == "config-api-physical" && eth.src == 02:00:00:00:99:99 && '
            f"eth.dst == 0a:00:00:00:00:02 && ip.ttl == 64 && ip{version}.src == {source} && "
            f"ip{version}.dst == {destination} && tcp.src == 40000 && tcp.dst == {port}")))

    def _pods(self, shortened):
        # ovn-trace prints the first digits of a name that is a uuid.
        pods = _GUESTBOOKS | _SLAVES | _MASTER
        found = [{pod for pod in pods if interface(pod).startswith(digits)} for digits in shortened]
        self.assertTrue(all(len(names) == 1 for names in found), shortened)
        return set().union(*found)

    def _row(self, table, key, column):
        found = self.ovn.nbctl("--format=json", f"--columns={column}", "find", table,
                               f'external_ids:config-api-renderer="{key}"')
        value = json.loads(found)["data"][0][0]
        return value[1] if isinstance(value, list) and value[0] == "set" else [value]

    def count(self, table, *conditions):
        """How many rows of ours a table has."""
        found = self.ovn.nbctl("--format=json", "--columns=_uuid,external_ids", "find", table,
                               *conditions)
        return sum("config-api-renderer" in json.dumps(row) for row in json.loads(found)["data"])


class Connections(OvnTest):
    """Who reaches whom."""

    def test_guestbook(self):
        self.assertIn("not expressed: nothing", self.once())
        self.bind_gateway()
        for pod, address, port, expected in (
                ("guestbook-0", "10.254.0.3", 6379, _MASTER),
                ("redis-slave-0", "10.254.0.3", 6379, _MASTER),
                ("redis-slave-1", "fd00:254::3", 6379, _MASTER),
                ("guestbook-1", "10.254.0.2", 6379, _SLAVES),
                ("guestbook-0", "10.0.0.12", 22, {"guestbook:guestbook-2"}),
                ("guestbook-0", "fd00:10::12", 22, {"guestbook:guestbook-2"}),
                ("redis-master-0", "10.254.0.2", 6379, set()),
                ("redis-master-0", "fd00:254::3", 6379, set()),
                ("redis-slave-0", "10.254.0.1", 80, set()),
                ("redis-slave-0", "192.0.2.10", 80, set()),
                ("guestbook-0", "10.0.0.30", 6379, set()),
                ("redis-slave-0", "fd00:10::30", 6379, set()),
                ("redis-master-0", "10.0.0.10", 3000, set()),
                ("redis-master-0", "203.0.113.9", 443, set())):
            with self.subTest(f"{pod} to {address}"):
                reached = self.reached(f"guestbook:{pod}", address, port)
                if expected == _SLAVES:
                    self.assertTrue(reached and reached <= expected, reached)
                else:
                    self.assertEqual(reached, expected)
        self.assertEqual(self.reached("guestbook:guestbook-0", "10.254.0.3", port=None), _MASTER)
        self.from_outside()
        self.assertIn("rows: in sync; not expressed: nothing", self.once())

    def from_outside(self):
        for address in ("192.0.2.10", "2001:db8:2::10"):
            reached = self.reached_from_outside(address)
            self.assertTrue(reached and reached <= _GUESTBOOKS, reached)
        for address, port in (("192.0.2.10", 3000), ("10.254.0.3", 6379), ("10.0.0.30", 6379),
                              ("10.0.0.10", 3000), ("fd00:254::3", 6379), ("fd00:10::10", 3000),
                              ("2001:db8:2::10", 3000)):
            with self.subTest(f"outside to {address}:{port}"):
                self.assertEqual(self.reached_from_outside(address, port), set())

    def test_every_backend_answers(self):
        self.once()
        for address in ("10.0.0.20", "10.0.0.21"):
            self.assertEqual(len(self.reached("guestbook:guestbook-0", "10.254.0.2",
                                              backend=address)), 1)

    def test_a_pod_reaches_itself_by_its_service(self):
        self.server.change("POST", "/network-policys", {"network-policy": {
            "fq_name": [*GB.split(":"), "self"], "parent_type": "project",
            "network_policy_entries": {"policy_rule": [
                rule(f"{GB}:redis-master", f"{GB}:service-redis-master")]}}})
        for name in ("redis-master", "service-redis-master"):
            self.server.change("POST", "/ref-update", {
                "type": "virtual-network", "uuid": uuid_of("virtual-network", f"{GB}:{name}"),
                "ref-type": "network-policy", "ref-fq-name": [*GB.split(":"), "self"],
                "ref-uuid": None, "operation": "ADD",
                "attr": {"sequence": {"major": 10, "minor": 0}}})
        self.once()
        self.assertEqual(self.reached("guestbook:redis-master-0", "10.254.0.3"), _MASTER)

    def test_the_whole_public_network_as_global_network(self):
        policy = ["default-domain", "default-project", "__net_Public"]
        self.server.change("POST", "/network-policys", {"network-policy": {
            "fq_name": policy, "parent_type": "project",
            "network_policy_entries": {"policy_rule": [rule(f"{GB}:redis-slave", PUBLIC)]}}})
        for name in (f"{GB}:redis-slave", PUBLIC):
            network = uuid_of("virtual-network", name)
            attached = [MASTER_POLICY.split(":"), SLAVE_POLICY.split(":")] if name != PUBLIC else []
            self.server.change("PUT", f"/virtual-network/{network}", {"virtual-network": {
                "network_policy_refs": [{"to": name, "attr": {"sequence": {
                    "major": 10, "minor": 0}}} for name in [policy, *attached]]}})
        self.once()
        self.bind_gateway()
        self.assertLessEqual(self.reached("guestbook:redis-slave-0", "192.0.2.10", 80), _GUESTBOOKS)
        self.assertTrue(self.reached("guestbook:redis-slave-0", "192.0.2.10", 80))
        self.assertEqual(self.reached("guestbook:redis-slave-0", "10.254.0.1", 80), set())


class Running(OvnTest):
    """The command as a service."""

    def setUp(self):
        super().setUp()
        self.renderer = self.enterContext(
            Renderer(*self.arguments, *_GATEWAY, "--interval", "0.1"))
        self.place = self.renderer.wait_for("rows: .* added; not expressed: nothing")

    def wait_for(self, pattern):
        self.place = self.renderer.wait_for(pattern, self.place)
        self.ovn.sync()

    def test_changes_follow(self):
        uuid = uuid_of("network-policy", MASTER_POLICY)
        kept = rule(f"{GB}:redis-slave", f"{GB}:service-redis-master")
        acls = self.count("ACL")
        self.server.change("PUT", f"/network-policy/{uuid}", {"network-policy": {
            "network_policy_entries": {"policy_rule": [kept]}}})
        self.wait_for("rows: 1 changed, 2 removed;")
        self.assertEqual(self.count("ACL"), acls - 2)
        self.assertEqual(self.reached("guestbook:guestbook-0", "10.254.0.3"), set())
        self.assertEqual(self.reached("guestbook:redis-slave-0", "10.254.0.3"), _MASTER)

        self.server.change("POST", "/ref-update", {
            "type": "floating-ip", "uuid": uuid_of("floating-ip", _SLAVE_ADDRESS),
            "ref-type": "virtual-machine-interface", "operation": "DELETE",
            "ref-uuid": interface("guestbook:redis-slave-0"), "ref-fq-name": None, "attr": None})
        # The group of the backends follows when the switches have: see renderer/order.py.
        for table in ("Load_Balancer", "Port_Group"):
            self.wait_for(rf"changed  {table} .*:redis-slave \(")
            self.wait_for("rows: 1 changed;")
        self.assertEqual(self.reached("guestbook:guestbook-0", "10.254.0.2"),
                         {"guestbook:redis-slave-1"})

    def test_drift_is_repaired_and_rows_of_others_stay(self):
        self.ovn.nbctl("ls-add", "theirs", "--", "lsp-add", "theirs", "their-port")
        self.ovn.nbctl("acl-add", _SWITCH, "to-lport", "9", "ip4.src == 1.2.3.4", "drop")
        self.ovn.nbctl("acl-add", _SWITCH, "to-lport", "9", "ip4.src == 1.2.3.5", "drop")
        port = interface("guestbook:redis-master-0")
        self.ovn.nbctl("lsp-set-port-security", port)
        self.wait_for(r"changed  Logical_Switch_Port .*redis-master-0 \(port_security\)")
        self.ovn.nbctl("lsp-del", port)
        self.wait_for(r"added    Logical_Switch_Port .*redis-master-0")
        self.assertEqual(self.reached("guestbook:guestbook-0", "10.254.0.3"), _MASTER)
        self.ovn.nbctl("ls-del", _SWITCH)
        self.wait_for(r"added    Logical_Switch .*the switch of all interfaces")
        self.assertEqual(self.reached("guestbook:guestbook-0", "10.254.0.3"), _MASTER)
        self.ovn.nbctl("acl-add", _SWITCH, "to-lport", "9", "ip4.src == 1.2.3.4", "drop")
        self.ovn.nbctl("lr-del", "config-api-router")
        self.wait_for(r"added    Logical_Router .*the router of the interfaces")
        self.assertIn("their-port", self.ovn.nbctl("lsp-list", "theirs"))
        self.assertIn("1.2.3.4", self.ovn.nbctl("acl-list", _SWITCH))

    def test_what_is_not_expressed_is_said_once_and_taken_back(self):
        address = uuid_of("floating-ip", _SLAVE_ADDRESS)
        for direction, pattern in (("both", "cannot express   floating-ip .*direction both"),
                                   ("ingress", "expressed now    floating-ip .*direction both")):
            self.server.change("PUT", f"/floating-ip/{address}", {"floating-ip": {
                "floating_ip_traffic_direction": direction}})
            self.wait_for(pattern)
        self.assertEqual(sum("direction both" in line for line in self.renderer.lines), 2)

    def test_a_config_api_that_is_down_changes_nothing(self):
        before = self.ovn.nbctl("show")
        self.server.control("POST", "/down", {})
        self.wait_for("nothing is changed: http://")
        self.assertEqual(self.ovn.nbctl("show"), before)
        self.server.control("POST", "/up")
        uuid = uuid_of("network-policy", SLAVE_POLICY)
        self.server.change("PUT", f"/network-policy/{uuid}", {"network-policy": {
            "network_policy_entries": {"policy_rule": []}}})
        self.wait_for("rows: 1 changed, 2 removed;")

    def test_a_database_that_restarts(self):
        self.ovn.restart_database("nb")
        uuid = uuid_of("network-policy", SLAVE_POLICY)
        self.server.change("PUT", f"/network-policy/{uuid}", {"network-policy": {
            "network_policy_entries": {"policy_rule": []}}})
        self.wait_for("rows: 1 changed, 2 removed;")

    def test_signals_end_it(self):
        self.assertEqual(self.renderer.stop(signal.SIGINT), 0)
        self.assertFalse([line for line in self.renderer.lines if "Traceback" in line])


class Usage(unittest.TestCase):
    """Mistakes of the caller."""

    def assert_fails(self, code, pattern, *arguments):
        done = subprocess.run([_PROGRAM, *arguments], capture_output=True, text=True,
                              timeout=_DEADLINE, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertRegex(done.stderr, pattern)
        self.assertNotIn("Traceback", done.stderr)

    def test_mistakes(self):
        both = ["--config-api", "http://127.0.0.1:1", "--northbound", "unix:/no/such/socket"]
        self.assert_fails(1, "no connection to unix:/no/such/socket", *both, "--once")
        self.assert_fails(1, "is not http://HOST:PORT", "--config-api", "ftp://x", "--northbound",
                          "unix:/no/such/socket", "--once")
        self.assert_fails(2, "--gateway-chassis needs --gateway-address", *both,
                          "--gateway-chassis", "gateway")
        self.assert_fails(2, "need --gateway-chassis", *both, "--next-hop", "198.51.100.1")
        self.assert_fails(2, "--gateway-address: invalid", *both, "--gateway-address", "x")
        self.assert_fails(2, "--interval: invalid", *both, "--interval", "0")


if __name__ == "__main__":
    unittest.main()
