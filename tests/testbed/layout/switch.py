"""The switch of one machine: Open vSwitch in user space, with ovn-controller."""

from .addresses import MACHINES, NODE, NODE_ROUTER, POD_MTU, UNDERLAY_LENGTH
from .command import ip
from .faults import avoid
from .openvswitch import DATAPATH, OpenVswitch


class Switch(OpenVswitch):
    """A chassis of OVN. `mapping`: of a physical network to the bridge `br-ex`."""

    def __init__(self, folder, programs, machine, southbound, mapping=None):
        self.name, self.machine = machine.name, machine
        super().__init__(folder, programs, machine)
        self._bridges(southbound, mapping)
        avoid(self)
        programs.start(f"ovn-controller-{self.name}", machine.command(
            "ovn-controller", self.database), self.rundir)

    def _bridges(self, southbound, mapping):
        # Tunnels of the user-space datapath leave by a bridge that has the tunnel's own address.
        address = MACHINES[self.name]
        self.vsctl("add-br", "br-int", "--", "set", "bridge", "br-int", DATAPATH,
                   "fail-mode=secure",
                   "--", "add-br", "br-phys", "--", "set", "bridge", "br-phys", DATAPATH,
                   "--", "add-port", "br-phys", "eth0")
        ip(self.machine, f"addr add {address}/{UNDERLAY_LENGTH} dev br-phys",
           "link set br-phys up")
        settings = [f"external-ids:system-id={self.name}",
                    f"external-ids:ovn-remote=\"{southbound}\"",
                    "external-ids:ovn-encap-type=geneve",
                    f"external-ids:ovn-encap-ip={address}"]
        if mapping:
            self.vsctl("add-br", "br-ex", "--", "set", "bridge", "br-ex", DATAPATH)
            settings.append(f"external-ids:ovn-bridge-mappings={mapping}:br-ex")
        self.vsctl("set", "open", ".", *settings)

    def connections(self):
        """What its connection tracking remembers, a line for each connection."""
        return self.appctl("dpctl/dump-conntrack").splitlines()

    def plug(self, port, interface):
        """Plugs a network device as an interface of the overlay."""
        self.vsctl("--may-exist", "add-port", "br-int", port, "--", "set", "interface", port,
                   f"external_ids:iface-id={interface}")

    def join(self, interface, mac, ranges):
        """Makes the machine itself a part of the overlay, with the address NODE: it reaches its
        own Pods, whose `ranges` these are, and they reach it."""
        port = "to-overlay"
        self.vsctl("add-port", "br-int", port, "--", "set", "interface", port, "type=internal",
                   f"mac=\"{mac}\"", f"mtu_request={POD_MTU}", f"external_ids:iface-id={interface}")
        ip(self.machine, f"addr add {NODE} dev {port}", f"link set {port} up",
           *[f"route add {prefix} via {NODE_ROUTER} dev {port}" for prefix in ranges
             if ":" not in prefix])

    def unplug(self, port):
        """Takes a network device out."""
        self.vsctl("--if-exists", "del-port", port)

    def installed(self):
        """Network devices for which ovn-controller has written all flows."""
        return set(self.vsctl("--bare", "--columns=name", "find", "interface",
                              "external_ids:ovn-installed=true").split())
