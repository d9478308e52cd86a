"""The switch of one machine: Open vSwitch in user space, with ovn-controller."""

from .addresses import MACHINES, NODE, NODE_ROUTER, POD_MTU, UNDERLAY_LENGTH
from .command import ip, run
from .faults import avoid

_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
# The kernel's datapath needs a module that not every machine has; this one needs none.
_DATAPATH = "datapath_type=netdev"


class Switch:
    """A chassis of OVN. `mapping`: of a physical network to the bridge `br-ex`. `control`: the
    control socket of ovs-vswitchd."""

    def __init__(self, folder, programs, machine, southbound, mapping=None):
        self.name, self.machine = machine.name, machine
        rundir = folder.make(machine.name)
        database = f"{rundir}/db.sock"
        self._vsctl = ["ovs-vsctl", "--timeout=60", f"--db=unix:{database}"]
        run("ovsdb-tool", "create", f"{rundir}/conf.db", _SCHEMA)
        programs.start(f"ovsdb-{self.name}", machine.command(
            "ovsdb-server", f"--remote=punix:{database}", f"--unixctl={rundir}/ovsdb.ctl",
            f"{rundir}/conf.db"), rundir, database)
        run(*self._vsctl, "--no-wait", "init")
        self.control = f"{rundir}/vswitchd.ctl"
        programs.start(f"ovs-vswitchd-{self.name}", machine.command(
            "ovs-vswitchd", f"unix:{database}", f"--unixctl={self.control}"), rundir)
        self._bridges(southbound, mapping)
        avoid(self.vsctl, self.control)
        programs.start(f"ovn-controller-{self.name}", machine.command(
            "ovn-controller", f"unix:{database}"), rundir)

    def _bridges(self, southbound, mapping):
        # Tunnels of the user-space datapath leave by a bridge that has the tunnel's own address.
        address = MACHINES[self.name]
        self.vsctl("add-br", "br-int", "--", "set", "bridge", "br-int", _DATAPATH,
                   "fail-mode=secure",
                   "--", "add-br", "br-phys", "--", "set", "bridge", "br-phys", _DATAPATH,
                   "--", "add-port", "br-phys", "eth0")
        ip(self.machine, f"addr add {address}/{UNDERLAY_LENGTH} dev br-phys",
           "link set br-phys up")
        settings = [f"external-ids:system-id={self.name}",
                    f"external-ids:ovn-remote=\"{southbound}\"",
                    "external-ids:ovn-encap-type=geneve",
                    f"external-ids:ovn-encap-ip={address}"]
        if mapping:
            self.vsctl("add-br", "br-ex", "--", "set", "bridge", "br-ex", _DATAPATH)
            settings.append(f"external-ids:ovn-bridge-mappings={mapping}:br-ex")
        self.vsctl("set", "open", ".", *settings)

    def vsctl(self, *arguments):
        """Runs ovs-vsctl; its output."""
        return run(*self._vsctl, *arguments)

    def connections(self):
        """What its connection tracking remembers, a line for each connection."""
        return run("ovs-appctl", f"--target={self.control}", "dpctl/dump-conntrack").splitlines()

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
