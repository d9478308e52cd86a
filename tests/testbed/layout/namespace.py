"""A network namespace that lives as long as a process in it.

There is no mount as of `ip netns add`, which would outlive a killed owner: the name is a symbolic
link to /proc, and `nsenter --net=LINK` takes it."""

import contextlib
import ctypes
import os
import subprocess

from controlplane import process

from .command import ip
from .errors import LayoutError

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """Made by __init__, with its loopback interface up; gone after close()."""

    def __init__(self, folder, name):
        self.name = name
        self.path = folder.file("net", name)
        parent = os.getpid()

        def in_child():
            process.die_with_parent(parent)
            if _libc.unshare(_CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "unshare")

        try:
            self._holder = subprocess.Popen(
                ["sleep", "infinity"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                start_new_session=True, preexec_fn=in_child)
        except subprocess.SubprocessError as error:
            raise LayoutError(f"the network namespace {name} cannot be made: this machine does "
                              "not allow it") from error
        folder.note(self._holder)
        self.pid = self._holder.pid
        os.symlink(f"/proc/{self.pid}/ns/net", self.path)
        ip(self, "link set lo up")

    def command(self, *argv):
        """`argv` as a command line that runs inside. nsenter does not fork: the process that is
        started is the program itself. Not `ip netns exec`, which remounts /sys."""
        return ["nsenter", f"--net={self.path}", *map(str, argv)]

    def close(self):
        """Ends the holder. Programs inside must have ended before."""
        self._holder.kill()
        self._holder.wait()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)


def cable(one, name, other, other_name):
    """A veth pair between two namespaces."""
    ip(None, f"link add name {name} netns {one.pid} type veth peer name {other_name} "
             f"netns {other.pid}")
    ip(one, f"link set {name} up")
    ip(other, f"link set {other_name} up")
