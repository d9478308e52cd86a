#!/usr/bin/env python3
"""The node's plugin with real network namespaces and a real Open vSwitch (user-space datapath).

The API server is a small one on loopback (cni/pod_api.py). Needs root and Open vSwitch
(docs/testbed.md). `make soak` runs it:

    KNM_BIN=bin python3 tests/testbed/cni_check.py
"""

import json
import signal
import socket
import unittest

import paths  # extends sys.path
from cni.case import ANNOTATION, INTERFACE, MAC, PLUGIN, SECONDS, UID, OnNode, pod_state
from cni.killer import Killer
from cni.node import GATEWAY, Node, link
from controlplane import process, wait_for
from layout import leftovers
from layout.command import ip, run
from layout.folder import Folder
from layout.layout import Layout
from layout.namespace import Namespace
from layout.programs import Programs
from matrix.inside import inside

_OTHER_UID = "0f8a1b52-8c3e-4a6e-9d55-3f1c0b7e2a41"


class Plugin(OnNode):
    """One node for all tests; each has containers of its own."""

    @classmethod
    def setUpClass(cls):
        leftovers.clean()
        folder = Folder()
        cls.addClassCleanup(folder.remove)
        programs = Programs(folder)
        cls.addClassCleanup(programs.stop)
        cls.node = Node(folder, programs)
        cls.addClassCleanup(cls.node.close)
        cls.use(folder, cls.node.namespace, cls.node.database)

    def test_add_check_and_del(self):
        container = self.container("c1")
        result = self.succeed("ADD", "c1", container.path)
        device = result["interfaces"][0]["name"]
        self.assertEqual(result["interfaces"][1], {"name": "eth0", "mac": MAC, "mtu": 1400,
                                                   "sandbox": container.path})
        self.assertEqual(result["ips"], [{"address": "10.0.0.7/32", "gateway": GATEWAY,
                                          "interface": 1}])
        there = link(container)
        self.assertEqual((there["address"], there["mtu"]), (MAC, 1400))
        self.assertEqual([found["local"] for found in there["addr_info"]
                          if found["family"] == "inet"], ["10.0.0.7"])
        routes = json.loads(run(*container.command("ip", "-json", "route", "show")))
        self.assertIn(("default", GATEWAY), [(route["dst"], route.get("gateway"))
                                              for route in routes])
        self.assertIn("tx-checksumming: off", run(*container.command("ethtool", "-k", "eth0")))
        self.assertEqual(self.node.devices(), {device})
        self.assertEqual(self.node.ports(), {device: {
            "iface-id": INTERFACE, "attached-mac": MAC, "contrail-cni-network": "contrail",
            "contrail-cni-container": "c1", "contrail-cni-ifname": "eth0",
            "contrail-cni-pod": "shop/web-1", "contrail-cni-pod-uid": UID}})
        self.assertIsNone(self.succeed("CHECK", "c1", container.path, prevResult=result))
        # Only this Pod was read.
        self.assertTrue(all("fieldSelector=metadata.name%3Dweb-1" in path
                            for path in self.api.requests), self.api.requests)
        self.assertIsNone(self.succeed("DEL", "c1", container.path))
        self.assertEqual((self.node.ports(), self.node.devices()), ({}, set()))
        self.assertIsNone(link(container))

    def test_add_again_changes_nothing(self):
        container = self.container("c1")
        first = self.succeed("ADD", "c1", container.path)
        index = link(container)["ifindex"]
        port = self.node.vsctl("get", "interface", first["interfaces"][0]["name"], "_uuid")
        self.assertEqual(self.succeed("ADD", "c1", container.path), first)
        self.assertEqual(link(container)["ifindex"], index)
        self.assertEqual(
            self.node.vsctl("get", "interface", first["interfaces"][0]["name"], "_uuid"), port)

    def test_del_succeeds_where_nothing_is_left(self):
        container = Namespace(self.folder, "short-lived")
        self.succeed("ADD", "c1", container.path)
        container.close()
        for netns in (container.path, "", "/no/such/namespace"):
            self.succeed("DEL", "c1", netns)
            self.assertEqual((self.node.ports(), self.node.devices()), ({}, set()))
        self.succeed("DEL", "never-seen", "", bridge="no-such-bridge")

    def test_check_says_what_differs_and_add_repairs_it(self):
        container = self.container("c1")
        result = self.succeed("ADD", "c1", container.path)
        device = result["interfaces"][0]["name"]
        damages = [
            ("10.0.0.7/32", lambda: ip(container, "addr del 10.0.0.7/32 dev eth0")),
            ("route", lambda: ip(container, "route del default")),
            ("MAC", lambda: ip(container, "link set eth0 address 02:00:00:00:00:01")),
            ("eth0 is down", lambda: ip(container, "link set eth0 down")),
            (f"{device} is down", lambda: ip(self.node.namespace, f"link set {device} down")),
            ("TX checksum", lambda: run(*container.command("ethtool", "-K", "eth0", "tx", "on"))),
            ("no port", lambda: self.node.vsctl("del-port", device)),
            ("iface-id", lambda: self.node.vsctl("remove", "interface", device, "external_ids",
                                                 "iface-id")),
            ("no device", lambda: ip(self.node.namespace, f"link del {device}"))]
        for word, damage in damages:
            with self.subTest(word=word):
                damage()
                self.fail_with(100, word, "CHECK", "c1", container.path, prevResult=result)
                self.assertEqual(self.succeed("ADD", "c1", container.path), result)
                self.succeed("CHECK", "c1", container.path, prevResult=result)

    def test_add_and_del_complete_what_killed_ones_left(self):
        container, killer = self.container("c1"), Killer(self.folder.make("killer"))
        wanted = self.succeed("ADD", "c1", container.path)

        def killed(command, **when):
            environment = self.environment(command, "c1", container.path, UID, "web-1")
            done = process.run(self.machine.command(PLUGIN), self.configuration(),
                               env={**environment, **killer.environment(**when)})
            self.assertIn(done.returncode, (0, -signal.SIGKILL), done.stdout)
            return done.returncode != 0

        for when in ("KILL_BEFORE", "KILL_AFTER"):
            for command in ("ADD", "DEL"):
                calls = 0
                while True:
                    self.succeed("ADD" if command == "DEL" else "DEL", "c1", container.path)
                    if not killed(command, **{when: calls + 1}):
                        break
                    calls += 1
                    with self.subTest(command=command, when=when, call=calls):
                        self.assertEqual(self.succeed("ADD", "c1", container.path), wanted)
                        self.succeed("CHECK", "c1", container.path, prevResult=wanted)
                        self.succeed("DEL", "c1", container.path)
                        self.assertEqual((self.node.ports(), self.node.devices()), ({}, set()))
                self.assertGreater(calls, 1 if command == "DEL" else 5)

    def test_a_port_on_another_bridge_moves(self):
        container = self.container("c1")
        result = self.succeed("ADD", "c1", container.path)
        self.node.vsctl("add-br", "br-other", "--", "set", "bridge", "br-other",
                        "datapath_type=netdev")
        self.addCleanup(self.node.vsctl, "del-br", "br-other")
        self.succeed("ADD", "c1", container.path, bridge="br-other")
        self.fail_with(100, "not on the bridge br-int", "CHECK", "c1", container.path,
                       prevResult=result)
        self.assertEqual(self.node.vsctl("list-ports", "br-other").split(),
                         [result["interfaces"][0]["name"]])
        self.assertEqual(self.succeed("ADD", "c1", container.path), result)

    def test_pods_reach_each_other(self):
        self.api.put("web-2", _OTHER_UID, pod_state(
            _OTHER_UID, "baecea83-5cb1-5125-af3a-02024e7b27bf", "02:ba:ec:ea:83:5c", "10.0.0.8"))
        one, two = self.container("c1"), self.container("c2")
        self.succeed("ADD", "c1", one.path)
        self.succeed("ADD", "c2", two.path, uid=_OTHER_UID, pod="web-2", adoptedInterfaces=True)
        with inside(two.path):
            server = socket.create_server(("10.0.0.8", 80))
        self.addCleanup(server.close)
        with inside(one.path):
            client = socket.create_connection(("10.0.0.8", 80), SECONDS)
        self.addCleanup(client.close)
        accepted, (address, _) = server.accept()
        self.addCleanup(accepted.close)
        self.assertEqual(address, "10.0.0.7")
        client.sendall(b"a label decides")
        self.assertEqual(accepted.recv(100), b"a label decides")

    def test_both_families(self):
        container = self.container("c1")
        state = json.loads(pod_state(UID, INTERFACE, MAC, "10.0.0.7")[ANNOTATION])
        self.api.put("web-1", UID, {ANNOTATION: json.dumps(
            {**state, "ipAddresses": ["10.0.0.7", "fd00::7"]})})
        self.fail_with(7, "gateways", "ADD", "c1", container.path)
        result = self.succeed("ADD", "c1", container.path, gateways=["fd00::ffff"])
        self.assertEqual([found["address"] for found in result["ips"]],
                         ["10.0.0.7/32", "fd00::7/128"])
        routes = json.loads(run(*container.command("ip", "-json", "-6", "route", "show")))
        self.assertIn(("default", "fd00::ffff"), [(route["dst"], route.get("gateway"))
                                                  for route in routes])
        self.succeed("CHECK", "c1", container.path, prevResult=result)
        ip(container, "route del ::/0")
        self.fail_with(100, "IPv6 default route", "CHECK", "c1", container.path,
                       prevResult=result)

    def test_the_node_itself_does_not_answer(self):
        """A user-space datapath does not keep packets from the node's own stack."""
        container, node = self.container("c1"), self.node.namespace
        device = self.succeed("ADD", "c1", container.path)["interfaces"][0]["name"]
        self.assertEqual(link(node, device)["addr_info"], [])
        ip(node, "addr add 198.51.100.1/32 dev lo", f"route add 10.0.0.7 dev {device}")
        self.addCleanup(ip, node, "addr del 198.51.100.1/32 dev lo")
        ip(container, "route add 198.51.100.1 dev eth0")
        with inside(node.path):
            server = socket.create_server(("198.51.100.1", 0))
            port = server.getsockname()[1]
        self.addCleanup(server.close)

        def connects():
            with inside(container.path):
                client = socket.socket()
            with client:
                client.settimeout(1)
                return client.connect_ex(("198.51.100.1", port)) == 0

        self.assertFalse(connects())
        # The same way is open where the node answers.
        run(*node.command("sh", "-c", f"echo 0 >/proc/sys/net/ipv4/conf/{device}/arp_ignore"))
        ip(container, "neigh flush dev eth0")
        self.assertTrue(connects())

    def test_checksums_that_are_left_to_the_device_break_tcp(self):
        """Why `checksumOffload` is off by default."""
        container = self.container("c1")
        with inside(self.node.router.path):
            server = socket.create_server((GATEWAY, 0))
        self.addCleanup(server.close)
        for offload in (True, False):
            self.succeed("ADD", "c1", container.path, checksumOffload=offload)
            with inside(container.path):
                client = socket.socket()
            with client:
                client.settimeout(1)
                connected = client.connect_ex(server.getsockname()) == 0
            self.assertEqual(connected, not offload)

    def test_an_open_vswitch_elsewhere_cannot_open_the_device(self):
        container, elsewhere = self.container("c1"), self.container("elsewhere")
        api, kubeconfig = self.api_server(elsewhere)
        api.put("web-1", UID, pod_state(UID, INTERFACE, MAC, "10.0.0.7"))
        done = process.run(elsewhere.command(PLUGIN),
                           self.configuration(kubeconfig=kubeconfig),
                           env=self.environment("ADD", "c1", container.path, UID, "web-1"))
        self.assertEqual(json.loads(done.stdout)["code"], 5, done.stdout)
        self.assertIn("could not open network device", done.stdout)

    def test_add_waits_for_the_annotation(self):
        container = self.container("c1")
        self.api.put("web-1", UID, {})
        child = self.in_background("c1", container.path, UID, "web-1")
        wait_for(lambda: any("watch=1" in path for path in self.api.requests), SECONDS,
                 "a watch")
        self.assertIsNone(child.poll())
        self.assertEqual(self.node.devices(), set())
        self.api.put("web-1", UID, pod_state(UID, INTERFACE, MAC, "10.0.0.7"))
        self.assertEqual(json.loads(child.stdout.read())["ips"][0]["address"], "10.0.0.7/32")
        self.assertEqual(child.wait(), 0)

    def test_add_says_what_it_waited_for(self):
        container = self.container("c1")
        self.api.put("web-1", UID, {})
        self.fail_with(11, "does not have the annotation", "ADD", "c1", container.path,
                       timeoutSeconds=1)
        self.api.put("web-1", UID, pod_state(_OTHER_UID, INTERFACE, MAC, "10.0.0.7"))
        self.fail_with(11, "another Pod", "ADD", "c1", container.path, timeoutSeconds=1)
        self.assertEqual((self.node.ports(), self.node.devices()), ({}, set()))

    def test_add_waits_for_the_flows(self):
        container = self.container("c1")
        child = self.in_background("c1", container.path, UID, "web-1", waitForFlows=True)
        wait_for(self.node.ports, SECONDS, "a port")
        device, = self.node.ports()
        self.assertIsNone(child.poll())
        self.node.vsctl("set", "interface", device, "external_ids:ovn-installed=true")
        self.assertEqual(json.loads(child.stdout.read())["interfaces"][0]["name"], device)
        self.succeed("DEL", "c1", container.path)
        self.fail_with(11, "ovn-controller", "ADD", "c1", container.path, waitForFlows=True,
                       timeoutSeconds=1)

    def test_an_interface_of_another_plugin_is_left_alone(self):
        container = self.container("c1")
        ip(container, "link add eth0 type veth peer name eth1")
        self.fail_with(101, "eth0", "ADD", "c1", container.path)
        self.assertEqual((self.node.ports(), self.node.devices()), ({}, set()))
        self.assertIsNotNone(link(container))

    def test_a_new_container_takes_the_place_of_the_former_one(self):
        former, container = self.container("former"), self.container("c1")
        self.succeed("ADD", "former", former.path)
        result = self.succeed("ADD", "c1", container.path)
        self.assertEqual(set(self.node.ports()), {result["interfaces"][0]["name"]})

    def test_gc_removes_what_is_not_listed(self):
        stays, goes = self.container("stays"), Namespace(self.folder, "goes")
        result = self.succeed("ADD", "stays", stays.path)
        self.api.put("web-2", _OTHER_UID, pod_state(
            _OTHER_UID, "baecea83-5cb1-5125-af3a-02024e7b27bf", "02:ba:ec:ea:83:5c", "10.0.0.8"))
        self.succeed("ADD", "goes", goes.path, uid=_OTHER_UID, pod="web-2",
                     adoptedInterfaces=True)
        goes.close()
        self.assertEqual(len(self.node.ports()), 2)
        valid = {"cni.dev/valid-attachments": [{"containerID": "stays", "ifname": "eth0"}]}
        for _ in range(2):
            self.succeed("GC", **valid)
            self.assertEqual(set(self.node.ports()), {result["interfaces"][0]["name"]})
        self.succeed("CHECK", "stays", stays.path, prevResult=result)
        self.assertIn("to-router", self.node.vsctl("list-ports", "br-int"))

    def test_status_says_what_cannot_be_reached(self):
        self.succeed("STATUS")
        self.fail_with(50, "no-such-bridge", "STATUS", bridge="no-such-bridge")
        self.fail_with(50, "no.sock", "STATUS", ovsDatabase="unix:/no.sock")
        self.fail_with(50, "/no/kubeconfig", "STATUS", kubeconfig="/no/kubeconfig")

    def test_no_network_namespace(self):
        self.fail_with(5, "no network namespace", "ADD", "c1", self.kubeconfig)
        self.fail_with(5, "/no/such", "ADD", "c1", "/no/such")

    def test_version_and_help(self):
        done = process.run([PLUGIN], '{"cniVersion": "1.0.0"}', env={"CNI_COMMAND": "VERSION"})
        self.assertEqual(json.loads(done.stdout), {
            "cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0", "1.1.0"]})
        done = process.run([PLUGIN], env={})
        self.assertEqual(done.returncode, 2)
        self.assertIn("docs/cni.md", done.stdout)
        self.assertEqual(process.run([PLUGIN, "--help"], env={}).returncode, 0)
        self.assertIn("contrail-cni ", process.run([PLUGIN, "--version"], env={}).stdout)


class WithOvn(OnNode):
    """A node of the testbed, with OVN."""

    @classmethod
    def setUpClass(cls):
        cls.layout = cls.enterClassContext(Layout(["10.0.0.0/16"], {}))
        switch = cls.layout.switches["node-01"]
        cls.vsctl = switch.vsctl
        cls.use(cls.layout.folder, switch.machine, switch.database)

    def test_add_ends_when_the_flows_are_there(self):
        container = self.container("c1")
        self.fail_with(11, "ovn-controller", "ADD", "c1", container.path, waitForFlows=True,
                       timeoutSeconds=1)
        child = self.in_background("c1", container.path, UID, "web-1", waitForFlows=True)
        nbctl = self.layout.central.nbctl
        nbctl("ls-add", "pods", "--", "lsp-add", "pods", INTERFACE,
              "--", "lsp-set-addresses", INTERFACE, f"{MAC} 10.0.0.7",
              "--", "lsp-set-port-security", INTERFACE, f"{MAC} 10.0.0.7")
        result = json.loads(child.stdout.read())
        self.assertEqual(child.wait(), 0, result)
        device = result["interfaces"][0]["name"]
        self.assertEqual(self.layout.switches["node-01"].installed(), {device})
        self.succeed("CHECK", "c1", container.path, prevResult=result)
        nbctl("--timeout=10", "wait-until", "logical_switch_port", INTERFACE, "up=true")
        self.succeed("DEL", "c1", container.path)
        nbctl("--timeout=10", "wait-until", "logical_switch_port", INTERFACE, "up=false")


if __name__ == "__main__":
    unittest.main()
