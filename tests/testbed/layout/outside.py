"""The outside: a namespace behind the gateway, with routes to the overlay's ranges by it."""

from .addresses import OUTSIDE, OUTSIDE_LENGTH, ROUTER
from .command import ip, run
from .namespace import Namespace, cable


class Outside:
    """`ranges`: what it reaches by the gateway: external ranges, and those of Pods and Services,
    so that packets to these really arrive at the gateway, which has to drop them."""

    def __init__(self, folder, gateway, ranges):
        self.namespace = Namespace(folder, "outside")
        cable(gateway.machine, "to-outside", self.namespace, "eth0")
        run(*self.namespace.command("ethtool", "-K", "eth0", "tx", "off"))
        gateway.vsctl("add-port", "br-ex", "to-outside")
        lines = [f"addr add {OUTSIDE[version]}/{OUTSIDE_LENGTH[version]} dev eth0"
                 f"{' nodad' if version == 6 else ''}" for version in (4, 6)]
        lines += [f"route add {prefix} via {ROUTER[6 if ':' in prefix else 4]}"
                  for prefix in ranges]
        ip(self.namespace, *lines)

    def close(self):
        """Removes it."""
        self.namespace.close()
