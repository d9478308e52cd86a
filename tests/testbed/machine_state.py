"""What a testbed must leave as it was: settings of the kernel, mounts and network devices of this
machine."""

import json

from controlplane import process
from nodes.machine import SYSCTLS


def machine_state():
    """Name → value, to be compared with that of another moment."""
    values = {}
    for name in (*SYSCTLS, "net/ipv4/ip_forward"):
        with open(f"/proc/sys/{name}", encoding="ascii") as text:
            values[name] = text.read()
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        values["mounts"] = mounts.read()
    values["links"] = [link["ifname"] for link in json.loads(process.run(
        ["ip", "-json", "link"]).stdout)]
    return values
