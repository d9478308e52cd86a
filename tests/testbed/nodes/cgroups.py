"""The cgroups of nodes. Each node has one of its own in each hierarchy, under which its kubelet
puts the Pods: two kubelets under one root would remove each other's.

Run as a program, it waits for the end of its input, which is the end of the owner, and removes
what the owner left.

https://kubernetes.io/docs/concepts/architecture/cgroups/
https://docs.kernel.org/admin-guide/cgroup-v1/cpusets.html
https://docs.kernel.org/admin-guide/cgroup-v2.html"""

import os
import sys
import time
from dataclasses import dataclass

_REMOVAL = 20  # seconds, for the last processes in them to end
_NEEDED = {"cpu", "cpuset", "memory", "pids"}


@dataclass(frozen=True)
class Hierarchy:
    """A mounted hierarchy. `controllers`: of version 1; those of version 2 are in a file."""

    path: str
    version: int
    controllers: frozenset = frozenset()


def hierarchies(mountinfo):
    """All that are mounted, from the text of /proc/self/mountinfo (see proc(5))."""
    found = {}
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        path, words = before.split()[4], after.split()
        if words[0] == "cgroup2":
            found[path] = Hierarchy(path, 2)
        elif words[0] == "cgroup":
            options = {word for word in words[2].split(",") if "=" not in word}
            found[path] = Hierarchy(path, 1, frozenset(options - {"rw", "ro", "xattr"}))
    return list(found.values())


def used(mounted):
    """The hierarchies that kubelet and runc use: those of version 1 if they have controllers,
    since version 2 has none beside them."""
    first = [each for each in mounted if each.version == 1]
    return first if any(each.controllers for each in first) else [
        each for each in mounted if each.version == 2]


def lacks(mounted):
    """What nodes need and these hierarchies do not have, as a list of texts."""
    if not used(mounted):
        return ["cgroups, mounted at /sys/fs/cgroup"]
    missing = _NEEDED.difference(*map(_controllers, used(mounted)))
    return [f"the cgroup controllers {', '.join(sorted(missing))}"] if missing else []


def _controllers(hierarchy):
    if hierarchy.version == 1:
        return hierarchy.controllers
    return frozenset(_read(os.path.join(hierarchy.path, "cgroup.controllers")).split())


def create(name, mounted):
    """Makes the cgroup `name` in all hierarchies that kubelet uses."""
    for each in used(mounted):
        path = os.path.join(each.path, name)
        os.makedirs(path, exist_ok=True)
        if each.version == 2:
            # Of its parent, so that it has the controllers itself; and for those below it.
            enabled = " ".join(f"+{controller}" for controller in sorted(_controllers(each)))
            for folder in (each.path, path):
                _write(os.path.join(folder, "cgroup.subtree_control"), enabled)
        elif "cpuset" in each.controllers:
            # A new cpuset is empty, and no process can enter an empty one.
            for setting in ("cpuset.cpus", "cpuset.mems"):
                _write(os.path.join(path, setting), _read(os.path.join(each.path, setting)))


def folders(prefix, mounted):
    """The cgroups at the top of all hierarchies whose name starts with `prefix`, as paths."""
    return [os.path.join(each.path, name) for each in mounted
            for name in sorted(os.listdir(each.path))
            if name.startswith(prefix) and os.path.isdir(os.path.join(each.path, name))]


def remove(prefix, mounted, seconds=_REMOVAL):
    """Removes these cgroups with all below. Their processes must have ended or be about to; what
    still has some after `seconds` stays. Returns the paths of what stays."""
    end = time.monotonic() + seconds
    while left := folders(prefix, mounted):
        for top in left:
            for path, _, _ in os.walk(top, topdown=False):
                _remove_one(path)
        if time.monotonic() > end:
            return folders(prefix, mounted)
        time.sleep(0.02)
    return []


def _remove_one(path):
    try:
        os.rmdir(path)
    except OSError:
        pass  # a process is still ending in it or below it, or another program has removed it


def mounted_here():
    """The hierarchies of this machine."""
    return hierarchies(_read("/proc/self/mountinfo"))


def _read(path):
    with open(path, encoding="utf-8", errors="replace") as text:
        return text.read()


def _write(path, text):
    with open(path, "w", encoding="ascii") as out:
        out.write(text)


if __name__ == "__main__":
    sys.stdin.read()
    remove(sys.argv[1], mounted_here())
