"""The memory of the whole program, and what it does while nothing happens."""

import time

from benchlib.servers import call
from benchlib.world import world

PODS, PER_NAMESPACE = 20_000, 100
IDLE = 30  # seconds
LABEL_CHANGES, AT_ONCE = 100_000, 1_000


def status(pid, name):
    """A number of /proc/PID/status."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        for line in lines:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    raise SystemExit(f"/proc/{pid}/status has no {name}")


def megabytes(pid, name):
    """A size of /proc/PID/status in MB."""
    return round(status(pid, name) * 1024 / 1e6, 1)


def wait_for_events(w):
    """Waits until no Event is written any more: they are limited to some for each second."""
    before, now = -1, w.cluster()["events"]
    while now > before:
        time.sleep(1)
        before, now = now, w.cluster()["events"]


def idle(w):
    """How often the program waits anew in a second, and its CPU time, while nothing happens."""
    pid = w.controller.process.pid
    switches, cpu = status(pid, "voluntary_ctxt_switches"), w.controller.cpu_seconds()
    time.sleep(IDLE)
    return {
        "wakeups_per_second": round((status(pid, "voluntary_ctxt_switches") - switches) / IDLE, 2),
        "cpu_ms_per_second": round(1000 * (w.controller.cpu_seconds() - cpu) / IDLE, 2),
    }


def relabelled(w, changes):
    """The memory after each fifth of so many changes of the label `uses`."""
    pid, sizes = w.controller.process.pid, []
    for done in range(AT_ONCE, changes + 1, AT_ONCE):
        call(f"{w.kubernetes}/_control/relabel?count={AT_ONCE}", "POST")
        w.settle(quiet=0.5, within=300)
        if done % (changes // 5) == 0:
            sizes.append(megabytes(pid, "VmRSS"))
    return sizes


def measure(pods=PODS, changes=LABEL_CHANGES):
    """The figures, for a cluster that gets its first controller."""
    with world(pods, PER_NAMESPACE, **{"pods-per-namespace": PER_NAMESPACE}) as w:
        w.controller.start()
        w.settle(quiet=2, within=900)
        wait_for_events(w)
        pid = w.controller.process.pid
        out = {"pods": pods, "peak_mb": megabytes(pid, "VmHWM"), "steady_mb": megabytes(pid, "VmRSS"), **idle(w)}
        out["relabelled_mb"] = relabelled(w, changes)
        w.controller.stop()
        return out
