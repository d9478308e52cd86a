"""One Pod: a namespace, and a veth pair into its node's switch."""

import contextlib

from .addresses import POD_MTU
from .command import ip, run
from .errors import LayoutError
from .namespace import Namespace


class Plug:
    """A plugged Pod. `gateways`: family → address: the annotation has that of one family only."""

    def __init__(self, folder, switch, attachment, gateways):
        self.attachment, self._switch = attachment, switch
        # A file's name has at most 255 characters.
        self.namespace = Namespace(folder, attachment.pod.replace("/", ".")[:200])
        self._gateways = {**gateways, attachment.gateway.version: attachment.gateway}
        try:
            self._wire()
        except BaseException:
            self.close()
            raise

    def _wire(self):
        port, pod = self.attachment.port, self.namespace
        node = self._switch.machine
        ip(None, f"link add name {port} netns {node.pid} type veth peer name eth0 netns {pod.pid}")
        # The switch gets packets as they are: their checksums must be there.
        run(*pod.command("ethtool", "-K", "eth0", "tx", "off"))
        ip(pod, f"link set eth0 address {self.attachment.mac} mtu {POD_MTU} up",
           *self._addresses())
        ip(node, f"link set {port} mtu {POD_MTU} up")
        self._switch.plug(port, self.attachment.interface)

    def _addresses(self):
        """Each address is alone on its link: even a neighbour is reached by the gateway."""
        for address in self.attachment.addresses:
            gateway = self._gateways[address.version]
            # Port security drops the probe for a duplicate address: its source is none of ours.
            yield f"addr add {address} dev eth0{' nodad' if address.version == 6 else ''}"
            yield f"route add {gateway} dev eth0"
            everything = "::/0" if address.version == 6 else "0.0.0.0/0"
            yield f"route add {everything} via {gateway} dev eth0"

    def close(self):
        """Unplugs it, and removes the namespace with the pair."""
        self._switch.unplug(self.attachment.port)
        # A namespace outlives its holder while a process has a socket in it; the pair must not.
        with contextlib.suppress(LayoutError):  # there is none yet
            ip(self._switch.machine, f"link del {self.attachment.port}")
        self.namespace.close()
