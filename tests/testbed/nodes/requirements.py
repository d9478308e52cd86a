"""What a machine must have for nodes."""

import os
import shutil

from controlplane import process

from . import cgroups

_NEEDED = {"ip": "iproute2", "ethtool": "ethtool", "nsenter": "util-linux", "unshare": "util-linux",
           "mount": "mount", "findmnt": "util-linux", "runc": "runc", "cc": "gcc",
           "busybox": "busybox", "ldd": "libc-bin"}


def lacks():
    """What this machine lacks, as a list of texts."""
    found = ["root"] if os.geteuid() else []
    found += [f"{program} (package {package})" for program, package in _NEEDED.items()
              if not shutil.which(program)]
    found += cgroups.lacks(cgroups.mounted_here())
    if not found:
        done = process.run(["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc",
                            "true"])
        if done.returncode:
            found.append(f"namespaces of networks, processes and mounts ({done.stderr.strip()})")
    return found


def advice(missing):
    """A sentence for people who lack something."""
    return (f"real nodes need what this machine lacks: {', '.join(missing)}. `make demo` shows the "
            "controller on simulated nodes, and needs none of it")
