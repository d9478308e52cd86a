"""The whole network: underlay, machines, switches, the outside, and the Pods that are plugged."""

import os
import shutil

from . import leftovers
from .addresses import MACHINES, NODES, PHYSICAL_NETWORK
from .caches import Caches
from .central import Central
from .errors import LayoutError
from .folder import Folder
from .namespace import Namespace
from .outside import Outside
from .plug import Plug
from .programs import Programs
from .switch import Switch
from .underlay import Underlay

_NEEDED = {"ip": "iproute2", "ethtool": "ethtool", "nsenter": "util-linux",
           "ovsdb-tool": "openvswitch-common", "ovs-vswitchd": "openvswitch-switch",
           "ovn-northd": "ovn-central", "ovn-controller": "ovn-host"}


def lacks():
    """What this machine lacks for a layout, as a list of texts."""
    found = ["root"] if os.geteuid() else []
    return found + [f"{program} (package {package})" for program, package in _NEEDED.items()
                    if not shutil.which(program)]


def require():
    """LayoutError if this machine lacks something."""
    if missing := lacks():
        raise LayoutError(f"this machine lacks: {', '.join(missing)}")


class Layout:
    """A context manager. Start it and change it from the main thread only: the kernel ends the
    children of a thread with that thread.

    `ranges`: everything that the outside reaches by the gateway. `gateways`: family → address of
    the gateway of Pods. `nodes`: how many there are."""

    def __init__(self, ranges, gateways, nodes=2):
        self._ranges, self._gateways = ranges, gateways
        self.nodes = NODES[:nodes]
        self.folder = self._programs = None
        self._made = []  # what has close(), in the order of its making
        self.switches = {}  # node → Switch
        self.plugs = {}  # UID of a Pod → Plug

    def start(self):
        """Makes it. After a failure, close() removes what is there already."""
        require()
        leftovers.clean()
        self.folder = Folder()
        self._programs = Programs(self.folder)
        self._build()

    def _build(self):
        underlay = self._keep(Underlay(self.folder))
        chassis = ("gateway", *self.nodes)
        machines = {name: self._keep(Namespace(self.folder, name)) for name in ("master", *chassis)}
        for name, machine in machines.items():
            underlay.connect(machine, None if name in chassis else MACHINES[name])
        self.master = machines["master"]
        self.central = Central(self.folder, self._programs, self.master)
        for name in chassis:
            self.switches[name] = Switch(
                self.folder, self._programs, machines[name], self.central.southbound,
                PHYSICAL_NETWORK if name == "gateway" else None)
        self.outside = self._keep(Outside(self.folder, self.switches["gateway"], self._ranges))
        self._caches = self._keep(Caches([switch.control for switch in self.switches.values()]))
        self._caches.start()

    def _keep(self, thing):
        self._made.append(thing)
        return thing

    def plug(self, attachment):
        """Plugs a Pod."""
        switch = self.switches.get(attachment.node)
        if not switch:
            raise LayoutError(f"{attachment.pod} is on {attachment.node}, which is no machine here")
        self.plugs[attachment.uid] = Plug(self.folder, switch, attachment, self._gateways)

    def unplug(self, uid):
        """Unplugs a Pod."""
        self.plugs.pop(uid).close()

    def uninstalled(self):
        """Names of plugged Pods whose flows are not all there yet."""
        installed = {name: switch.installed() for name, switch in self.switches.items()}
        return [plug.attachment.pod for plug in self.plugs.values()
                if plug.attachment.port not in installed[plug.attachment.node]]

    def sync(self):
        """Waits until every switch does what the northbound database says."""
        self.central.sync()
        self._caches.empty()

    def check(self):
        """LayoutError if a program has ended by itself, or what empties the caches."""
        self._programs.check()
        self._caches.check()

    def close(self):
        """Removes all of it, however far it was made."""
        if self._programs:
            self._programs.stop()
        for plug in self.plugs.values():
            plug.namespace.close()
        self.plugs.clear()
        for thing in reversed(self._made):
            thing.close()
        self._made.clear()
        if self.folder:
            self.folder.remove()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()
