"""Interfaces → the switch's ports, and a port group for each network."""

from . import names
from .row import Row

BACKENDS = "group/floating-ip/"  # how the keys of groups of backends begin


def rows(topology):
    """A Logical_Switch_Port for each port, Port_Groups of each network and of all ports."""
    for port in topology.ports.values():
        yield _switch_port(port)
    yield _group("group/every-port", names.EVERY_PORT, "all interfaces", topology.ports.values())
    for network in topology.networks.values():
        members = topology.ports_of[network.name]
        if members:
            yield _group(f"group/network/{network.uuid}", names.group(network),
                         f"virtual-network {network.name}", members)
    for address in topology.addresses:
        entry = address.floating_ip
        yield _group(f"{BACKENDS}{entry.uuid}", names.backends(entry),
                     f"floating-ip {entry.name}", [port for port, _ in address.backends])


def identity(port):
    """(table, key) of the row of a port."""
    return "Logical_Switch_Port", f"interface/{port.interface.uuid}"


def _switch_port(port):
    # The node plugin plugs the interface with its uuid as iface-id. Port security: nothing but
    # this MAC with these addresses may enter, so that matches on source addresses can be trusted.
    text = " ".join([port.interface.mac, *map(str, port.addresses)])
    table, key = identity(port)
    return Row(table, key, f"virtual-machine-interface {port.interface.name}",
               {"name": port.interface.uuid, "type": "", "options": {},
                "addresses": frozenset([text]), "port_security": frozenset([text])})


def _group(key, name, about, members):
    return Row("Port_Group", key, about, {"name": name},
               {"ports": frozenset(map(identity, members))})
