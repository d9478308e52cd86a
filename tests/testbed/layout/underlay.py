"""The underlay: a Linux bridge in a namespace of its own, with a cable to each machine."""

from .addresses import UNDERLAY_LENGTH
from .command import ip, run
from .namespace import Namespace, cable


class Underlay:
    """The bridge. Machines are namespaces with an interface `eth0`."""

    def __init__(self, folder):
        self._namespace = Namespace(folder, "underlay")
        ip(self._namespace, "link add br0 type bridge", "link set br0 up")

    def connect(self, machine, address=None):
        """A cable to a machine's eth0; with an `address` the kernel has it there. A machine with
        a switch gives its address to a bridge of that."""
        port = f"to-{machine.name}"[:15]
        cable(self._namespace, port, machine, "eth0")
        ip(self._namespace, f"link set {port} master br0")
        # Without checksums computed here, user-space switches drop what arrives.
        run(*machine.command("ethtool", "-K", "eth0", "tx", "off"))
        if address:
            ip(machine, f"addr add {address}/{UNDERLAY_LENGTH} dev eth0")

    def close(self):
        """Removes the bridge with all cables."""
        self._namespace.close()
