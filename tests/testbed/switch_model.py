"""A model of OVN's logical switch that is small enough to read: does a new connection pass?

It evaluates the matches of desired ACLs and the load balancers, as ovn-nb(5) describes them. It
shares no code with the renderer. test_renderer_ovn.py asks the real ovn-trace the same questions.
"""

import re
from ipaddress import ip_address, ip_network

_TOKEN = re.compile(r'\s*(&&|\|\||==|!=|<=|!|[(){},]|"[^"]*"|[@$]?[\w.:/\[\]]+)')


class Switch:
    """`rows`: identity → renderer.row.Row."""

    def __init__(self, rows):
        self.rows = rows
        self._groups, self._sets, self._ports = {}, {}, {}
        for row in self._all("Logical_Switch_Port"):
            if not row.columns["type"]:
                _, *addresses = next(iter(row.columns["addresses"])).split()
                self._ports[row.columns["name"]] = [ip_address(text) for text in addresses]
        for row in self._all("Port_Group"):
            members = {rows[identity].columns["name"] for identity in row.references["ports"]}
            self._groups[row.columns["name"]] = members
            for version in (4, 6):
                self._sets[f"{row.columns['name']}_ip{version}"] = [
                    ip_network(address) for name in members for address in self._ports[name]
                    if address.version == version]
        for row in self._all("Address_Set"):
            self._sets[row.columns["name"]] = list(map(ip_network, row.columns["addresses"]))

    def reached(self, source, destination, protocol="tcp", port=80, established=None):
        """{(uuid of the port, its port number)} that a connection may come to. `source`: a port's
        uuid, or an address of the outside. `destination`: an address. `established`: the uuid of
        the port that the connection has come to before; None for a new connection."""
        destination = ip_address(destination)
        packet = {"protocol": protocol, f"{protocol}.dst": port, f"{protocol}.src": 40000,
                  "version": destination.version, "ip.dst": destination,
                  "ct.est": established is not None}
        if source in self._ports:
            packet["inport"] = source
            packet["ip.src"] = next(address for address in self._ports[source]
                                    if address.version == destination.version)
        else:
            packet["ip.src"] = ip_address(source)
        targets = self._balanced(packet)
        if established:
            # The tracker has translated the destination before the ACLs see the packet.
            number = targets[0][1] if targets else port
            targets = [(address, number) for address in self._ports[established]
                       if address.version == destination.version]
            packet.update({"ip.dst": targets[0][0], f"{protocol}.dst": number})
        if source in self._ports and not self._passes("from-lport", packet):
            return set()
        arrived = set()
        for address, number in targets:
            for name, addresses in self._ports.items():
                if address in addresses:
                    final = {**packet, "outport": name, "ip.dst": address,
                             f"{protocol}.dst": number, "reg1": 0, "xxreg1": 0, "reg2": 0}
                    if self._passes("to-lport", final):
                        arrived.add((name, number))
        return arrived

    def _balanced(self, packet):
        """Finds a load balancer and notes the original destination in the packet."""
        protocol, port = packet["protocol"], packet[f"{packet['protocol']}.dst"]
        packet.update({"reg1": 0, "xxreg1": 0, "reg2": 0})
        register = "reg1" if packet["version"] == 4 else "xxreg1"
        for row in self._all("Load_Balancer"):
            for vip, behind in row.columns["vips"].items():
                address, number = _endpoint(vip)
                if address != packet["ip.dst"] or row.columns["protocol"] - {protocol} or (
                        number not in (None, port)):
                    continue
                packet[register] = address
                packet["reg2"] = number or 0
                pairs = [_endpoint(text) for text in behind.split(",") if text]
                return [(backend, target or port) for backend, target in pairs]
        return [(packet["ip.dst"], port)]

    def _passes(self, direction, packet):
        verdicts = [(row.columns["priority"], row.columns["action"]) for row in self._all("ACL")
                    if row.columns["direction"] == direction
                    and self.matches(row.columns["match"], packet)]
        # Of equal priority OVN takes any: the renderer must not depend on which.
        actions = {action for priority, action in verdicts if priority == max(verdicts)[0]}
        assert len(actions) < 2, verdicts
        return actions != {"drop"}

    def matches(self, text, packet):
        """Evaluates a match."""
        tokens = _tokens(text)
        result = self._or(tokens, packet)
        assert not tokens, f"{tokens} is left of {text}"
        return result

    def _or(self, tokens, packet):
        results = [self._and(tokens, packet)]
        while tokens and tokens[0] == "||":
            tokens.pop(0)
            results.append(self._and(tokens, packet))
        return any(results)

    def _and(self, tokens, packet):
        results = [self._term(tokens, packet)]
        while tokens and tokens[0] == "&&":
            tokens.pop(0)
            results.append(self._term(tokens, packet))
        return all(results)

    def _term(self, tokens, packet):
        first = tokens.pop(0)
        if first == "(":
            result = self._or(tokens, packet)
            assert tokens.pop(0) == ")"
            return result
        if not tokens or tokens[0] not in ("==", "!=", "<="):
            if first == "ct.est":
                return packet.get(first, False)
            return first == "ip" or first in (f"ip{packet['version']}", packet["protocol"])
        operator = tokens.pop(0)
        if operator == "<=":  # first <= field <= last
            field = tokens.pop(0)
            assert tokens.pop(0) == "<="
            last, value = int(tokens.pop(0)), self._value(field, packet)
            return value is not None and int(first) <= value <= last
        values = self._constants(tokens)
        value = self._value(first, packet)
        if value is None:
            return False
        return any(_is(value, constant) for constant in values) == (operator == "==")

    def _constants(self, tokens):
        first = tokens.pop(0)
        listed = [first]
        if first == "{":
            listed = []
            while (token := tokens.pop(0)) != "}":
                listed += [] if token == "," else [token]
        values = []
        for text in listed:
            if text[0] == "@":
                values.append(self._groups[text[1:]])
            elif text[0] == "$":
                values += self._sets[text[1:]]
            elif text.isdigit():
                values.append(int(text))
            else:
                values.append(ip_network(text))
        return values

    @staticmethod
    def _value(field, packet):
        if field.startswith("ip4.") or field.startswith("ip6."):
            return packet[f"ip.{field[4:]}"] if int(field[2]) == packet["version"] else None
        return packet.get("reg2" if field == "reg2[0..15]" else field)

    def _all(self, table):
        return [row for row in self.rows.values() if row.table == table]


def _is(value, constant):
    if isinstance(constant, (set, int)):
        return value in constant if isinstance(constant, set) else value == constant
    return not isinstance(value, int) and value.version == constant.version and value in constant


def _endpoint(text):
    found = re.fullmatch(r"\[(.*)\]:(\d+)|([\d.]+):(\d+)", text)
    if not found:
        return ip_address(text), None
    return ip_address(found[1] or found[3]), int(found[2] or found[4])


def _tokens(text):
    tokens, place = [], 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        assert found, f"{text[place:]!r} in {text}"
        tokens.append(found[1])
        place = found.end()
    return tokens
