"""The cgroups of nodes: which hierarchies there are, what is made in them, and its removal."""

import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import paths  # extends sys.path
from controlplane import process
from layout.folder import PREFIX
from nodes import cgroups, leftovers
from nodes.cgroups import Hierarchy

_FIRST = """\
23 27 0:22 / /sys rw,relatime - sysfs sysfs rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""
_SECOND = """\
23 27 0:22 / /sys rw,relatime - sysfs sysfs rw
31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
"""


class Mounted(unittest.TestCase):
    """What /proc/self/mountinfo says."""

    def test_first(self):
        """Version 1: each hierarchy with its controllers; that of version 2 beside is not used."""
        found = cgroups.hierarchies(_FIRST)
        self.assertIn(Hierarchy("/sys/fs/cgroup/cpu,cpuacct", 1, frozenset({"cpu", "cpuacct"})),
                      found)
        self.assertIn(Hierarchy("/sys/fs/cgroup/systemd", 1), found)
        self.assertIn(Hierarchy("/sys/fs/cgroup/unified", 2), found)
        self.assertEqual({each.version for each in cgroups.used(found)}, {1})
        self.assertEqual(cgroups.lacks(found), [])

    def test_second(self):
        """Version 2, alone or with systemd's own hierarchy of version 1."""
        alone = cgroups.hierarchies(_SECOND)
        self.assertEqual(alone, [Hierarchy("/sys/fs/cgroup", 2)])
        both = [*alone, Hierarchy("/sys/fs/cgroup/systemd", 1)]
        self.assertEqual(cgroups.used(both), alone)

    def test_lacks(self):
        """Nothing mounted, and a controller that is missing."""
        self.assertEqual(cgroups.lacks([]), ["cgroups, mounted at /sys/fs/cgroup"])
        without = cgroups.hierarchies("\n".join(
            line for line in _FIRST.splitlines() if "memory" not in line and "pids" not in line))
        self.assertEqual(cgroups.lacks(without), ["the cgroup controllers memory, pids"])


class Made(unittest.TestCase):
    """Folders that stand for hierarchies."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = place.name

    def _hierarchy(self, name, version, controllers=(), **files):
        path = os.path.join(self.root, name)
        os.mkdir(path)
        for file, text in files.items():
            with open(os.path.join(path, file.replace("_", ".", 1)), "w", encoding="ascii") as out:
                out.write(text)
        return Hierarchy(path, version, frozenset(controllers))

    def _read(self, *parts):
        with open(os.path.join(self.root, *parts), encoding="ascii") as text:
            return text.read()

    def test_first(self):
        """Version 1: in each hierarchy; the cpuset is not empty."""
        cgroups.create("n", [self._hierarchy("cpuset", 1, ["cpuset"], cpuset_cpus="0-1\n",
                                             cpuset_mems="0\n"),
                             self._hierarchy("memory", 1, ["memory"]),
                             self._hierarchy("unified", 2)])
        self.assertEqual(self._read("cpuset", "n", "cpuset.cpus"), "0-1\n")
        self.assertEqual(self._read("cpuset", "n", "cpuset.mems"), "0\n")
        self.assertEqual(os.listdir(os.path.join(self.root, "memory", "n")), [])
        self.assertFalse(os.path.exists(os.path.join(self.root, "unified", "n")))

    def test_second(self):
        """Version 2: the controllers are enabled for it and below it."""
        unified = self._hierarchy("all", 2, cgroup_controllers="cpu cpuset memory pids\n")
        self.assertEqual(cgroups.lacks([unified]), [])
        cgroups.create("n", [unified])
        for place in ((), ("n",)):
            self.assertEqual(self._read("all", *place, "cgroup.subtree_control"),
                             "+cpu +cpuset +memory +pids")

    def test_processes(self):
        """Those of one Pod, in all of its containers, once each."""
        memory, cpu = (self._hierarchy(name, 1, [name]) for name in ("memory", "cpu"))
        for hierarchy, path, pids in ((memory, "podu-1/a", "7\n"), (cpu, "podu-1/a", "7\n"),
                                      (memory, "podu-1/b", "9\n8\n"), (memory, "podu-10/c", "5\n")):
            folder = os.path.join(hierarchy.path, "n", "kubepods", path)
            os.makedirs(folder)
            with open(os.path.join(folder, "cgroup.procs"), "w", encoding="ascii") as out:
                out.write(pids)
        self.assertEqual(cgroups.processes("n", "u-1", [memory, cpu]), [7, 8, 9])
        self.assertEqual(cgroups.processes("n", "u-2", [memory, cpu]), [])

    def test_removal(self):
        """All below goes, by the prefix; what is in use stays, and is named."""
        memory = self._hierarchy("memory", 1, ["memory"])
        for path in ("a.node-01/kubepods/pod1", "a.node-02", "ab.node-01"):
            os.makedirs(os.path.join(memory.path, path))
        self.assertEqual(cgroups.remove("a.", [memory]), [])
        self.assertEqual(os.listdir(memory.path), ["ab.node-01"])
        busy = os.path.join(memory.path, "ab.node-01")
        with open(os.path.join(busy, "process"), "w", encoding="ascii"):
            pass
        self.assertEqual(cgroups.remove("ab.", [memory], seconds=0), [busy])

    def test_orphans(self):
        """Those of a process that has ended go; those of this process, and other names, stay."""
        memory = self._hierarchy("memory", 1, ["memory"])
        mine = f"{PREFIX}{os.getpid()}.{process.start_time(os.getpid())}.node-01"
        dead = f"{PREFIX}{os.getpid()}.1.node-01"  # an earlier process' number
        for name in (mine, dead, f"{PREFIX}other"):
            os.mkdir(os.path.join(memory.path, name))
        folder = os.path.join(self.root, f"{PREFIX}{os.getpid()}.1")
        os.mkdir(folder)
        with mock.patch.object(leftovers, "root", lambda: self.root):
            self.assertEqual(leftovers.clean([memory]),
                             [f"removed {folder}", f"removed {memory.path}/{dead}"])
        self.assertEqual(sorted(os.listdir(memory.path)), sorted([mine, f"{PREFIX}other"]))

    def test_program(self):
        """The janitor ends with its input, and fails on nothing that is there."""
        done = subprocess.run([sys.executable, cgroups.__file__, "no-such-name."], input="",
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
