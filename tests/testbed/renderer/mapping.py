"""The port mappings of a floating IP (`floating_ip_port_mappings`)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mapping:
    """A port of a floating IP, and the port of the interfaces behind it."""

    protocol: str
    port: int
    target: int


def parse_mappings(raw, found):
    """The mappings of a floating-ip, by protocol and port; None if it maps no ports. What cannot
    be mapped is added to `found`."""
    if not raw.get("floating_ip_port_mappings_enable"):
        return None
    mappings = {}
    for entry in (raw.get("floating_ip_port_mappings") or {}).get("port_mappings") or ():
        try:
            mapping = Mapping(str(entry["protocol"]).lower(), int(entry["src_port"]),
                              int(entry["dst_port"]))
        except (KeyError, TypeError, ValueError):
            found.append(f"the port mapping {entry!r} cannot be read")
            continue
        if mapping.protocol not in ("tcp", "udp", "sctp"):
            found.append(f"ports of the protocol {mapping.protocol!r} cannot be mapped")
        elif not (0 < mapping.port < 65536 and 0 < mapping.target < 65536):
            found.append(f"{mapping.protocol} {mapping.port} to {mapping.target} are no ports")
        elif mappings.setdefault((mapping.protocol, mapping.port), mapping) != mapping:
            found.append(f"{mapping.protocol} port {mapping.port} is mapped twice: "
                         "the first mapping counts")
    return tuple(sorted(mappings.values(), key=lambda entry: (entry.protocol, entry.port)))
