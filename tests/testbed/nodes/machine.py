"""A node's machine: processes, mounts and network of its own, on one kernel.

Everything on it lives as long as its first process. The kernel ends that with this program, and
all other processes, mounts and sockets with it: however a testbed ends, no container outlives it.

Programs find the usual folders: /var and /run are the machine's own."""

import contextlib
import ctypes
import os
import select
import shlex
import signal
import subprocess

from controlplane import process
from layout.errors import LayoutError

_CLONE_NEWPID = 0x20000000
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

# Kubelet would set these for the whole machine. It finds what it wants, and leaves them alone.
# https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ (protectKernelDefaults)
SYSCTLS = {"vm/overcommit_memory": "1", "vm/panic_on_oom": "0", "kernel/panic": "10",
           "kernel/panic_on_oops": "1", "kernel/keys/root_maxkeys": "1000000",
           "kernel/keys/root_maxbytes": "25000000"}


def setup(var, shared):
    """The script of the first process. `var`: the folder that will be /var; `shared`: name →
    the folder that will be /var/shared/NAME. It prints a line when the machine is ready."""
    lines = ["set -e"]
    lines += [f"mount --bind {shlex.quote(folder)} {shlex.quote(f'{var}/shared/{name}')}"
              for name, folder in shared.items()]
    lines += [f"mount --bind {shlex.quote(f'{var}/sysctl/{name}')} /proc/sys/{name}"
              for name in SYSCTLS]
    # Last the mounts that may hide the sources of others. Programs expect shared mounts, as systemd
    # makes them; they are shared with no other machine.
    lines += [f"mount --rbind {shlex.quote(var)} /var", "mount -t tmpfs -o mode=755 run /run",
              "mount --make-rshared /", "echo ready",
              # Orphans of containers become its children: the kernel clears them away.
              "exec env --ignore-signal=CHLD sleep infinity"]
    return "\n".join(lines)


def shared_folder(name):
    """Where programs on the machine see a shared folder."""
    return f"/var/shared/{name}"


class Machine:
    """Made by __init__; gone after close(). `network`: a layout's Namespace, which stays; `shared`:
    name → a folder of this machine, which is at shared_folder(NAME) on the node."""

    def __init__(self, folder, network, shared):
        self.name = network.name
        self.var = folder.make(self.name, "var")
        self._folder, self._network = folder, network
        self._children = []
        self._first = self._processes = None  # its Popen, and the namespace of processes
        self._make_folders(shared)
        try:
            self._start_first(shared)
        except BaseException:
            self.close()
            raise

    def _make_folders(self, shared):
        for name in shared:
            os.makedirs(self.path("shared", name))
        os.mkdir(self.path("tmp"))
        for name, value in SYSCTLS.items():
            self.write(value + "\n", "sysctl", name)
        os.symlink("/run", self.path("run"))

    def path(self, *parts):
        """Where a file of the machine's /var is outside of it."""
        return os.path.join(self.var, *parts)

    def write(self, text, *parts):
        """Writes a file of the machine's /var, for its owner only."""
        path = self.path(*parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                  encoding="utf-8") as out:
            out.write(text)

    def _start_first(self, shared):
        script = setup(self.var, shared)
        with process.undisturbed() as hear_signals, _first_of_namespace():
            self._first = _spawn(
                self._network.command("unshare", "--mount-proc", "sh", "-c", script), hear_signals,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._folder.note(self._first)
        with self._first.stdout as said, self._first.stderr as errors:
            if said.readline() != "ready\n":
                raise LayoutError(f"the machine {self.name} cannot be made: "
                                  f"{errors.read().strip()}")
        self._processes = os.open(f"/proc/{self._first.pid}/ns/pid", os.O_RDONLY)

    def _command(self, argv):
        """`argv` with the machine's network and mounts. nsenter does not fork for these."""
        return self._network.command(f"--mount=/proc/{self._first.pid}/ns/mnt", *argv)

    def start(self, argv, log, environment=None):
        """Starts a program on the machine, with its output in the file `log`; its Popen."""
        with open(log, "ab") as out, process.undisturbed() as hear_signals, _in(self._processes):
            child = _spawn(self._command(argv), hear_signals, stdout=out, stderr=out,
                           env=environment)
            self._children.append(child)
        self._folder.note(child)
        return child

    def run(self, *argv):
        """Runs a program on the machine to its end; its output. LayoutError if it fails."""
        with process.undisturbed() as hear_signals, _in(self._processes):
            child = _spawn(self._command(argv), hear_signals, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True)
        try:
            out, errors = child.communicate()
        except BaseException:
            child.kill()
            child.communicate()
            raise
        if child.returncode:
            raise LayoutError(f"{' '.join(argv)}: {errors.strip() or out.strip()}")
        return out

    def close(self):
        """Ends all processes of the machine. Returns when they and the mounts are gone."""
        if self._first:
            self._first.kill()
            # The kernel keeps the first process until all others are waited for.
            for child in [*self._children, self._first]:
                child.wait()
        if self._processes is not None:
            os.close(self._processes)
        self._children.clear()
        self._first = self._processes = None


def _spawn(argv, hear_signals, **options):
    """Starts a child in another process namespace than ours. The kernel kills it if this process
    dies; the child cannot ask for its parent, which is not in its namespace."""
    parent = os.pidfd_open(os.getpid())

    def in_child():
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if select.select([parent], [], [], 0)[0]:
            os._exit(1)  # it has ended before the kernel knew
        hear_signals()

    try:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, start_new_session=True,
                                preexec_fn=in_child, **options)
    finally:
        os.close(parent)


@contextlib.contextmanager
def _first_of_namespace():
    """The one child that is started meanwhile is the first of a new process namespace."""
    with _back_to_our_own():
        if _libc.unshare(_CLONE_NEWPID):
            raise LayoutError("process namespaces cannot be made: this machine does not allow it")
        yield


@contextlib.contextmanager
def _in(namespace):
    """Children that are started meanwhile are in this process namespace."""
    with _back_to_our_own():
        _enter(namespace)
        yield


@contextlib.contextmanager
def _back_to_our_own():
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        yield
    finally:
        _enter(own)
        os.close(own)


def _enter(namespace):
    if _libc.setns(namespace, _CLONE_NEWPID):
        raise LayoutError(f"setns: {os.strerror(ctypes.get_errno())}: the machine has ended")
