"""Open vSwitch alone on a machine, in user space."""

from .command import run

_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
# The kernel's datapath needs a module that not every machine has; this one needs none.
DATAPATH = "datapath_type=netdev"


class OpenVswitch:
    """`rundir`: its folder of sockets; `database`: as OVSDB names it; `control`: the control socket of
    ovs-vswitchd. It ends with `programs`."""

    def __init__(self, folder, programs, machine):
        self.rundir = folder.make(machine.name)
        path = f"{self.rundir}/db.sock"
        self.database, self.control = f"unix:{path}", f"{self.rundir}/vswitchd.ctl"
        run("ovsdb-tool", "create", f"{self.rundir}/conf.db", _SCHEMA)
        programs.start(f"ovsdb-{machine.name}", machine.command(
            "ovsdb-server", f"--remote=punix:{path}", f"--unixctl={self.rundir}/ovsdb.ctl",
            f"{self.rundir}/conf.db"), self.rundir, path)
        self.vsctl("--no-wait", "init")
        programs.start(f"ovs-vswitchd-{machine.name}", machine.command(
            "ovs-vswitchd", self.database, f"--unixctl={self.control}"), self.rundir, self.control)

    def vsctl(self, *arguments):
        """Runs ovs-vsctl; its output."""
        return run("ovs-vsctl", "--timeout=60", f"--db={self.database}", *arguments)

    def appctl(self, *arguments):
        """Runs ovs-appctl for ovs-vswitchd; its output."""
        return run("ovs-appctl", f"--target={self.control}", *arguments)
