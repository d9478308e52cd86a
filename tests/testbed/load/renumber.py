"""Other addresses for the underlay, while tunnels carry packets."""

from ipaddress import ip_address, ip_network

from layout.addresses import MACHINES, SOUTHBOUND_PORT, UNDERLAY_LENGTH
from layout.command import ip

_OTHER = ip_network(f"172.30.254.0/{UNDERLAY_LENGTH}")


def renumber(layout):
    """Moves all machines of a layout to another range: first both addresses, then the new one
    alone, so that the tunnels to the new addresses are there before the old ones go."""
    new = {name: str(_OTHER[int(ip_address(MACHINES[name])) & int(_OTHER.hostmask)])
           for name in ("master", *layout.switches)}
    layout.central.serve_at(new["master"])
    for name in layout.switches:
        ip(layout.switches[name].machine, f"addr add {new[name]}/{UNDERLAY_LENGTH} dev br-phys")
    for addresses in (MACHINES, new), (new,):
        for name in layout.switches:
            own = ",".join(each[name] for each in addresses)
            layout.switches[name].vsctl(
                "set", "open", ".", f"external-ids:ovn-encap-ip=\"{own}\"",
                f"external-ids:ovn-remote=\"tcp:{new['master']}:{SOUTHBOUND_PORT}\"")
        layout.sync()
    ip(layout.central.machine, f"addr del {MACHINES['master']}/{UNDERLAY_LENGTH} dev eth0")
    for name in layout.switches:
        ip(layout.switches[name].machine,
           f"addr del {MACHINES[name]}/{UNDERLAY_LENGTH} dev br-phys")
    layout.sync()
