"""The folder of one layout: sockets, databases, logs, and names of its namespaces.

Its name says which process owns it, so that what a killed owner left can be told from what is in
use: see leftovers.py."""

import os
import shutil
import subprocess
import tempfile

from controlplane import process

ROOT = "/run"
PREFIX = "knm-testbed-"

# Waits for the end of its input, which is the end of the owner, however that ends. A program that
# the kernel has not killed yet may write one more file meanwhile.
_JANITOR = 'read -r _; for try in $(seq 100); do rm -rf -- "$1" && exit; sleep 0.1; done'


class Folder:
    """Made by __init__, removed by remove() or, if this process is killed, by the janitor."""

    def __init__(self, root=ROOT):
        pid = os.getpid()
        self.path = os.path.join(root, f"{PREFIX}{pid}.{process.start_time(pid)}")
        with process.undisturbed():
            os.mkdir(self.path, 0o700)
            # Not die_with_parent: this one acts after the owner's end. In a session of its own,
            # for Ctrl-C reaches a whole session.
            self._janitor = subprocess.Popen(["sh", "-c", _JANITOR, "sh", self.path],
                                             stdin=subprocess.PIPE, start_new_session=True)
        self.make("net")
        self.make("logs")

    def file(self, *parts):
        """A path inside."""
        return os.path.join(self.path, *parts)

    def make(self, *parts):
        """A folder inside, made if it is not there."""
        path = self.file(*parts)
        os.makedirs(path, exist_ok=True)
        return path

    def note(self, child):
        """Writes down a process of this layout, for leftovers.clean()."""
        with open(self.file("pids"), "a", encoding="ascii") as pids:
            pids.write(f"{child.pid} {process.start_time(child.pid)}\n")

    def keep_logs(self):
        """Copies the logs to a folder that stays; its path."""
        path = tempfile.mkdtemp(prefix=f"{PREFIX}logs-")
        shutil.copytree(self.file("logs"), path, dirs_exist_ok=True)
        return path

    def remove(self):
        """Removes all of it."""
        self._janitor.stdin.close()
        self._janitor.wait()
        shutil.rmtree(self.path, ignore_errors=True)
