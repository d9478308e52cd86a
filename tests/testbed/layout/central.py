"""OVN's databases and northd, on the master."""

from .addresses import MACHINES, SOUTHBOUND_PORT, UNDERLAY_LENGTH
from .command import ip, run

_SCHEMAS = "/usr/share/ovn"


class Central:
    """`northbound`: for the renderer, on this machine. `southbound`: for the chassis, over the
    underlay."""

    def __init__(self, folder, programs, machine):
        self.machine = machine
        self._rundir = rundir = folder.make("master")
        self.northbound = f"unix:{rundir}/nb.sock"
        self.southbound = f"tcp:{MACHINES['master']}:{SOUTHBOUND_PORT}"
        for name, more in (("nb", []),
                           ("sb", [f"--remote=ptcp:{SOUTHBOUND_PORT}:{MACHINES['master']}"])):
            path = f"{rundir}/{name}"
            run("ovsdb-tool", "create", f"{path}.db", f"{_SCHEMAS}/ovn-{name}.ovsschema")
            programs.start(f"ovsdb-{name}", machine.command(
                "ovsdb-server", f"--remote=punix:{path}.sock", *more,
                f"--unixctl={path}.ctl", f"{path}.db"), rundir, f"{path}.sock")
        programs.start("ovn-northd", machine.command(
            "ovn-northd", f"--ovnnb-db={self.northbound}", f"--ovnsb-db=unix:{rundir}/sb.sock",
            f"--unixctl={rundir}/northd.ctl"), rundir)
        self._southbound_here = f"unix:{rundir}/sb.sock"
        self.nbctl("init")

    def nbctl(self, *arguments):
        """Runs ovn-nbctl; its output."""
        return run("ovn-nbctl", "--timeout=60", f"--db={self.northbound}", *arguments)

    def sbctl(self, *arguments):
        """Runs ovn-sbctl; its output."""
        return run("ovn-sbctl", "--timeout=60", f"--db={self._southbound_here}", *arguments)

    def serve_at(self, address):
        """Serves the southbound database at another address of the underlay as well."""
        ip(self.machine, f"addr add {address}/{UNDERLAY_LENGTH} dev eth0")
        run("ovs-appctl", f"--target={self._rundir}/sb.ctl", "ovsdb-server/add-remote",
            f"ptcp:{SOUTHBOUND_PORT}:{address}")

    def sync(self):
        """Waits until every chassis has the flows of the northbound database."""
        self.nbctl("--wait=hv", "sync")
