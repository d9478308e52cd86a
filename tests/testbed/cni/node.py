"""A node for the plugin: Open vSwitch with the user-space datapath, without OVN."""

import json

from layout.command import ip, run
from layout.namespace import Namespace, cable
from layout.openvswitch import DATAPATH, OpenVswitch

GATEWAY = "10.0.255.254"  # of every Pod


class Node:
    """A node: a network namespace with Open vSwitch, its bridge br-int, and a router behind it."""

    def __init__(self, folder, programs):
        self.folder, self.namespace = folder, Namespace(folder, "node")
        switch = OpenVswitch(folder, programs, self.namespace)
        self.database, self.vsctl = switch.database, switch.vsctl
        self.vsctl("add-br", "br-int", "--", "set", "bridge", "br-int", DATAPATH)
        self.router = self._router()

    def _router(self):
        """Every Pod's gateway: Pods have no neighbours."""
        router = Namespace(self.folder, "router")
        cable(self.namespace, "to-router", router, "eth0")
        run(*router.command("ethtool", "-K", "eth0", "tx", "off"))
        run(*router.command("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward; "
                                        "echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects"))
        ip(router, f"addr add {GATEWAY}/16 dev eth0")
        self.vsctl("add-port", "br-int", "to-router")
        return router

    def ports(self):
        """Name → external_ids, of the plugin's ports."""
        table = json.loads(self.vsctl("--format=json", "--columns=name,external_ids", "find",
                                      "interface", "external_ids:contrail-cni-network=contrail"))
        return {name: dict(ids) for name, (_, ids) in table["data"]}

    def devices(self):
        """Names of the plugin's devices."""
        return {link["ifname"] for link in links(self.namespace)
                if link["ifname"].startswith("knm")}

    def close(self):
        """Removes it."""
        self.router.close()
        self.namespace.close()


def links(namespace):
    """The devices of a namespace, with their addresses."""
    return json.loads(run(*namespace.command("ip", "-json", "address", "show")))


def link(namespace, name="eth0"):
    """One of them; None: there is none."""
    return next((found for found in links(namespace) if found["ifname"] == name), None)
