"""References between config objects, resolved: which interface is a port with which addresses,
and which floating IP leads to which of them."""

from collections import defaultdict
from dataclasses import dataclass

from .config import FloatingIp, Interface
from .problem import Problem


@dataclass(frozen=True)
class Port:
    """An interface with its addresses (ip_address, in order: IPv4 first)."""

    interface: Interface
    addresses: tuple


@dataclass(frozen=True)
class Address:
    """A floating IP with the ports behind it, each with its address of the same family."""

    floating_ip: FloatingIp
    backends: tuple = ()  # (Port, ip_address)


class Topology:
    """Networks and policies by name, ports by uuid; ports and addresses of each network."""

    def __init__(self, config):
        self.problems = []
        self.networks = self._by_name("virtual-network", config.networks)
        self.policies = self._by_name("network-policy", config.policies)
        self.ports = self._ports(config)
        self.addresses = self._addresses(config)
        self.ports_of = defaultdict(list)  # network's name → [Port]
        for port in self.ports.values():
            self.ports_of[port.interface.network].append(port)
        self.addresses_of = defaultdict(list)  # network's name → [Address]
        for address in self.addresses:
            self.addresses_of[address.floating_ip.network].append(address)

    def _problem(self, kind, name, reason):
        self.problems.append(Problem(f"{kind} {name}", reason))

    def _by_name(self, kind, objects):
        # The config API keeps fq_names unique for each type. A copy would change the meaning.
        found = {}
        for entry in objects:
            if found.setdefault(entry.name, entry) is not entry:
                self._problem(kind, entry.name, "another one has the same name")
        return found

    def _ports(self, config):
        held = defaultdict(set)  # interface's uuid → addresses
        interfaces = {entry.uuid: entry for entry in config.interfaces}
        holder = {}  # all ports share one switch: an address has one of them
        for entry in sorted(config.instance_ips, key=lambda entry: entry.uuid):
            if len(entry.interfaces) > 1:
                self._problem("instance-ip", entry.name, "an address that several interfaces share")
                continue
            for uuid in entry.interfaces:
                if uuid not in interfaces:
                    self._problem("instance-ip", entry.name, f"there is no interface {uuid}")
                elif holder.setdefault(entry.address, uuid) != uuid:
                    self._problem("instance-ip", entry.name, f"the interface "
                                  f"{interfaces[holder[entry.address]].name} has {entry.address} "
                                  "already, and all networks share one switch")
                else:
                    held[uuid].add(entry.address)
        ports = {}
        for uuid, interface in interfaces.items():
            if interface.network not in self.networks:
                self._problem("virtual-machine-interface", interface.name,
                              f"there is no virtual-network {interface.network}")
            elif not held[uuid]:
                self._problem("virtual-machine-interface", interface.name, "it has no address yet")
            else:
                ports[uuid] = Port(interface, tuple(sorted(
                    held[uuid], key=lambda address: (address.version, address))))
        return ports

    def _addresses(self, config):
        resolved, holder = [], {}
        for entry in sorted(config.floating_ips, key=lambda entry: entry.uuid):
            if entry.network not in self.networks:
                self._problem("floating-ip", entry.name,
                              f"there is no virtual-network {entry.network}")
                continue
            if entry.address in holder:
                self._problem("floating-ip", entry.name, f"the floating-ip {holder[entry.address]} "
                              f"has {entry.address} already, and all networks share one switch")
                continue
            holder[entry.address] = entry.name
            resolved.append(Address(entry, tuple(sorted(
                self._backends(entry), key=lambda backend: backend[1]))))
        return resolved

    def _backends(self, floating_ip):
        for uuid in floating_ip.interfaces:
            port = self.ports.get(uuid)
            if not port:
                self._problem("floating-ip", floating_ip.name,
                              f"the interface {uuid} behind it is not there, or is not a port")
                continue
            usable = [address for address in port.addresses
                      if address.version == floating_ip.address.version
                      and floating_ip.fixed in (None, address)]
            if not usable:
                self._problem("floating-ip", floating_ip.name, f"the interface "
                              f"{port.interface.name} behind it has no such address "
                              f"(IPv{floating_ip.address.version})")
                continue
            yield port, usable[0]
