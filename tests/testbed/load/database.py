"""A database outside of the cluster: other clients of the config API made its network, and the
configuration names it as an external service."""

import json
import urllib.request
from ipaddress import ip_address

from layout.attachment import Attachment
from layout.plug import Plug
from matrix.answers import Answers

TIER, NETWORK = "oracle", "default-domain:legacy:oracle-db"
NAME, ADDRESS, PORT = "legacy/oracle-0", ip_address("198.51.100.10"), 1521
_MAC, _GATEWAY = "02:00:5e:10:00:0a", "198.51.100.254"
_PROJECT, _INTERFACE = "default-domain:legacy", "default-domain:legacy:oracle-0"
_INSTANCE_IP = "oracle-0"


class Database:
    """A context manager: the objects, a machine on a node, and its server. `made`: the (type,
    name) of the objects, but the network."""

    made = (("project", _PROJECT), ("virtual-machine-interface", _INTERFACE),
            ("instance-ip", _INSTANCE_IP))

    def __init__(self, layout, config_api, node):
        self._layout, self._url, self._node = layout, config_api, node
        self._plug, self._answers, self._uuids = None, Answers(), []

    def __enter__(self):
        self._create("project", _PROJECT, "domain")
        self._create("virtual-network", NETWORK, "project", network_ipam_refs=[{
            "to": ["default-domain", "default-project", "default-network-ipam"],
            "attr": {"ipam_subnets": [{"default_gateway": _GATEWAY, "subnet": {
                "ip_prefix": "198.51.100.0", "ip_prefix_len": 24}}]}}])
        network = [{"to": NETWORK.split(":")}]
        uuid = self._create("virtual-machine-interface", _INTERFACE, "project",
                            virtual_network_refs=network,
                            virtual_machine_interface_mac_addresses={"mac_address": [_MAC]})
        self._create("instance-ip", _INSTANCE_IP, None, instance_ip_address=str(ADDRESS),
                     virtual_network_refs=network,
                     virtual_machine_interface_refs=[{"to": _INTERFACE.split(":")}])
        self._plug = Plug(self._layout.folder, self._layout.switches[self._node], Attachment(
            NAME, "", self._node, uuid, _MAC, (ADDRESS,), ip_address(_GATEWAY)), {})
        self._answers.serve(NAME, self._plug.namespace.path, {("tcp", PORT)})
        return self

    def __exit__(self, *_):
        self._answers.close()
        if self._plug:
            self._plug.close()
        for kind, uuid in reversed(self._uuids):
            self._send("DELETE", f"/{kind}/{uuid}")

    def _create(self, kind, name, parent, **fields):
        body = {"fq_name": name.split(":"), **({"parent_type": parent} if parent else {}), **fields}
        made = self._send("POST", f"/{kind}s", {kind: body})[kind]["uuid"]
        self._uuids.append((kind, made))
        return made

    def _send(self, method, path, body=None):
        request = urllib.request.Request(
            self._url + path, json.dumps(body).encode() if body else None,
            {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None
