"""Networks and their policies → ACLs of the switch.

A connection passes if the network of its source lets it out and the network of its destination
lets it in, each by the policies attached to it: as in the vRouter, a policy that is attached at
one end only connects nothing. Out is from-lport at the source, in is to-lport at the destination.

For a floating IP, out is checked against the address itself. In is checked behind the load
balancer, where only the backend and its port are visible.
"""

from . import match, names
from .problem import Problem
from .row import Row
from .rule import Ends, Rule

_CLOSED = 1000  # priorities; OVN has a rule of its own for neighbour discovery, far above
_INSIDE = 1500
_RULES = 2000
# A backend that leaves a floating IP finishes its connections: they are still checked where they
# come from, by the floating IP's address.
_ESTABLISHED = f"outport == @{names.EVERY_PORT} && ct.est"
_EVERYTHING = Rule("inside", True, "any", 0, Ends(), Ends())


class Acls:
    """ACLs of a topology. `public`: names of the networks that include the outside."""

    def __init__(self, topology, public, problems):
        self._topology = topology
        self._public = public
        self._problems = problems

    def rows(self):
        """All ACLs: what is closed, the inside of each network, and its policies."""
        for direction, port in (("from-lport", "inport"), ("to-lport", "outport")):
            yield _acl(f"closed/{direction}", "everything that no policy allows", direction,
                       _CLOSED, f"{port} == @{names.EVERY_PORT} && ip", passes=False)
        for network in self._topology.networks.values():
            yield from self._inside(network)
            yield from self._rules_of(network)

    def _inside(self, network):
        about = f"virtual-network {network.name}: inside"
        ends = Ends(networks=(network.name,))
        key = f"inside/{network.uuid}"
        yield from self._pair(network, key, about, _INSIDE, _EVERYTHING, ends, ends)
        served = self._behind(network, _EVERYTHING, (), ())
        if served:
            # An interface that reaches itself by its own floating IP has that as its source.
            yield _acl(f"{key}/itself", about, "to-lport", _INSIDE, match.all_of(
                served, match.any_of([
                    f"ip{version}.src == ${names.floating(network, version)}"
                    for version in self._families(network)])))

    def _rules_of(self, network):
        rules = [(policy, rule) for name in network.policies
                 for policy in [self._topology.policies.get(name)] if policy
                 for rule in policy.rules]
        level, passes = _RULES, None
        # The first rule that matches decides. Rules that all pass, or all deny, need no order.
        for policy, rule in reversed(rules):
            level += passes is not None and passes != rule.passes
            passes = rule.passes
            about = f"network-policy {policy.name} at {network.name}"
            for way, source, destination, from_ports, to_ports in rule.directions():
                key = f"rule/{network.uuid}/{policy.uuid}/{rule.uuid}/{way}"
                yield from self._pair(network, key, about, level, rule,
                                      _resolve(source, network), _resolve(destination, network),
                                      from_ports, to_ports)

    def _pair(self, network, key, about, priority, rule, source, destination,
              from_ports=(), to_ports=()):
        """What the network lets out and in by one direction of a rule."""
        own = self._topology.ports_of[network.name]
        group = f"@{names.group(network)}"
        if own and source.names(network.name):
            targets = self._destinations(destination, rule, from_ports, to_ports)
            if targets:
                yield _acl(f"{key}/out", about, "from-lport", priority,
                           match.all_of(f"inport == {group}", targets), rule.passes)
        if not destination.names(network.name):
            return
        sources = self._sources(source)
        if own and sources:
            yield _acl(f"{key}/in", about, "to-lport", priority, match.all_of(
                f"outport == {group}", sources, match.protocol(rule, from_ports, to_ports)),
                rule.passes)
        served = self._behind(network, rule, from_ports, to_ports)
        if served and sources and rule.passes:
            yield _acl(f"{key}/behind", about, "to-lport", priority,
                       match.all_of(match.any_of([served, _ESTABLISHED]), sources))
        elif served and sources:
            self._problems.append(Problem(about, "a deny rule towards floating IPs counts at the "
                                          "networks of its sources only"))

    def _destinations(self, ends, rule, from_ports, to_ports):
        """Where connections to these ends go: to interfaces, to floating IPs, outside."""
        direct = self._at("dst", ends)
        clauses = []
        if direct:
            clauses.append(match.all_of(match.NOT_BALANCED, direct,
                                        match.protocol(rule, from_ports, to_ports)))
        balanced = ["reg1 != 0", "xxreg1 != 0"] if ends.is_any else [
            f"{'reg1' if version == 4 else 'xxreg1'} == ${names.floating(network, version)}"
            for network in self._named(ends) for version in self._families(network)]
        if balanced:
            clauses.append(match.all_of(
                match.any_of(balanced), match.protocol(rule, from_ports, to_ports, original=True)))
        return match.any_of(clauses)

    def _sources(self, ends):
        return self._at("src", ends)

    def _at(self, side, ends):
        """The source (src) or destination (dst) address is one of these ends, without balancing."""
        if ends.is_any:
            return "ip"
        named = self._named(ends)
        with_ports = [network for network in named if self._topology.ports_of[network.name]]
        clauses = []
        for version in (4, 6):
            field = f"ip{version}.{side}"
            clauses += [match.members(field, with_ports, version),
                        match.within(field, ends.subnets, version)]
            if any(network.name in self._public for network in named):
                clauses.append(f"{field} == ${names.OUTSIDE[version]}")
        return match.any_of([clause for clause in clauses if clause])

    def _behind(self, network, rule, from_ports, to_ports):
        """A packet that a floating IP of the network has forwarded to a backend, as far as the
        rule concerns it; the rule's ports are those of the floating IP."""
        clauses = []
        for address in self._topology.addresses_of[network.name]:
            entry = address.floating_ip
            if rule.family not in (0, entry.address.version):
                continue
            port = f"outport == @{names.backends(entry)} && ip{entry.address.version}"
            if entry.mappings is None:
                clauses.append(match.all_of(port, match.protocol(rule, from_ports, to_ports)))
                continue
            for protocol in ("tcp", "udp", "sctp"):
                targets = {mapping.target for mapping in entry.mappings
                           if mapping.protocol == protocol and _concerns(rule, mapping, to_ports)}
                if targets:
                    clauses.append(match.all_of(
                        port, match.ports(f"{protocol}.src", from_ports),
                        f"{protocol}.dst == {{{', '.join(map(str, sorted(targets)))}}}"))
        return match.any_of(clauses)

    def _named(self, ends):
        """The networks of these ends that exist: a policy may name one that does not yet."""
        return [self._topology.networks[name] for name in ends.networks
                if name in self._topology.networks]

    def _families(self, network):
        return sorted({address.floating_ip.address.version
                       for address in self._topology.addresses_of[network.name]})


def _concerns(rule, mapping, to_ports):
    return rule.protocol in ("any", mapping.protocol) and (
        not to_ports or any(first <= mapping.port <= last for first, last in to_ports))


def _resolve(ends, network):
    if not ends.is_local:
        return ends
    return Ends(tuple(sorted({*ends.networks, network.name})), ends.is_any, False, ends.subnets)


def _acl(key, about, direction, priority, text, passes=True):
    return Row("ACL", f"acl/{key}", about, {
        "direction": direction, "priority": priority, "match": text,
        "action": "allow-related" if passes else "drop"})
