"""OVN's central part for tests: ovsdb-server and ovn-northd in a temporary folder, on unix sockets.

Nothing of the machine's own Open vSwitch is used or changed. Needs Debian's ovn-central."""

import os
import re
import shutil
import subprocess
import tempfile
import time

_SCHEMAS = "/usr/share/ovn"
_DEADLINE = 30  # seconds for what must happen


class Northd:
    """A context manager: the two databases, and northd between them."""

    def __init__(self):
        missing = [name for name in ("ovsdb-tool", "ovsdb-server", "ovn-northd", "ovn-nbctl")
                   if not shutil.which(name)]
        if missing:
            raise RuntimeError(f"{', '.join(missing)} missing: install ovn-central")
        self._folder = tempfile.TemporaryDirectory(prefix="northd-")
        self._children = []
        self._databases = {}  # name → process
        self.northbound = f"unix:{self._path('nb.sock')}"
        self.southbound = f"unix:{self._path('sb.sock')}"
        self._environment = dict(os.environ, OVN_RUNDIR=self._folder.name,
                                 OVS_RUNDIR=self._folder.name, OVN_NB_DB=self.northbound,
                                 OVN_SB_DB=self.southbound)

    def __enter__(self):
        try:
            for name in ("nb", "sb"):
                self.start_database(name, create=True)
            self._spawn("ovn-northd", f"--ovnnb-db={self.northbound}",
                        f"--ovnsb-db={self.southbound}",
                        f"--unixctl={self._path('northd.ctl')}")
            self.nbctl("init")
            # Without a chassis northd assumes one of an old release, and writes other flows.
            for name, address in (("node", "127.0.0.1"), ("gateway", "127.0.0.2")):
                self.sbctl("chassis-add", name, "geneve", address)
                self.sbctl("set", "chassis", name, "other_config:ct-no-masked-label=true")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for child in reversed(self._children):
            if child.poll() is None:
                child.terminate()
        for child in self._children:
            child.wait(_DEADLINE)
        self._folder.cleanup()

    def start_database(self, name, create=False):
        """Starts the server of nb or sb."""
        path = self._path(f"{name}.db")
        if create:
            subprocess.run(["ovsdb-tool", "create", path, f"{_SCHEMAS}/ovn-{name}.ovsschema"],
                           check=True, env=self._environment)
        child = self._spawn("ovsdb-server", f"--remote=punix:{self._path(f'{name}.sock')}",
                            f"--unixctl={self._path(f'{name}.ctl')}", path)
        end = time.monotonic() + _DEADLINE
        while not os.path.exists(self._path(f"{name}.sock")):
            if child.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the database {name} does not start: {self._log(child)}")
            time.sleep(0.01)
        self._databases[name] = child

    def restart_database(self, name):
        """Ends the server of nb or sb, and starts it again with the same content."""
        child = self._databases[name]
        child.terminate()
        child.wait(_DEADLINE)
        self.start_database(name)

    def nbctl(self, *arguments):
        """Runs ovn-nbctl; its output."""
        return self._run("ovn-nbctl", *arguments)

    def sbctl(self, *arguments):
        """Runs ovn-sbctl; its output."""
        return self._run("ovn-sbctl", *arguments)

    def sync(self):
        """Waits until the logical flows follow the northbound database."""
        self.nbctl("--wait=sb", "sync")

    def reached(self, switch, flow, backend=None):
        """Names of the switch ports that the first packet of a new connection comes to."""
        choice = ["--lb-dst", backend] if backend else []
        return re.findall(r'output to "([^"]*)", type ""', self.trace(switch, flow, *choice))

    def trace(self, switch, flow, *options):
        """The way of the first packet of a new connection, as text."""
        return self._run("ovn-trace", *["--ct=new"] * 6, *options, "--summary", switch, flow)

    def _run(self, *command):
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True,
                              timeout=_DEADLINE, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def _spawn(self, *command):
        log = self._path(f"{command[0]}-{len(self._children)}.log")
        with open(log, "w", encoding="utf-8") as output:
            child = subprocess.Popen(command, env=self._environment, stdin=subprocess.DEVNULL,
                                     stdout=output, stderr=output)
        self._children.append(child)
        return child

    def _log(self, child):
        name = f"{child.args[0]}-{self._children.index(child)}.log"
        with open(self._path(name), encoding="utf-8") as text:
            return text.read()

    def _path(self, name):
        return os.path.join(self._folder.name, name)
