"""The instructions that the whole program spends on one Pod."""

import shutil
import subprocess

from benchlib import callgrind, paths
from benchlib.world import world

PODS, NAMESPACES = 1000, 10  # of the names; AT_START of them in each Namespace are there at the start
AT_START = 20
WARM_UP, COUNTED = 20, 100
QUIET = 0.2  # seconds without a request after which a Pod is complete


def stripped(folder):
    """A copy of the program that Debian 12's valgrind can read: it stops at clang's DWARF 5."""
    path = folder / "kube-network-manager"
    subprocess.run(["strip", "--strip-debug", "-o", path, paths.program("kube-network-manager")], check=True)
    return path


def create_each(w, count):
    """Creates Pods, the next one when the former is complete."""
    for _ in range(count):
        w.create(1)
        w.settle(quiet=QUIET)


def measure(profile=None):
    """The figures of one Pod: instructions, requests to the config API, patches and Events."""
    # Endpoints follow every change at once, so that each Pod has one unready and one ready endpoint.
    with world(PODS, AT_START, **{"endpoints-ms": 0}) as w, open(w.folder / "log", "wb") as log:
        out = w.folder / "callgrind.out"
        w.controller.start(under=callgrind.switchable(out), program=stripped(w.folder), log=log)
        w.settle()
        create_each(w, WARM_UP)
        w.reset()
        before = w.cluster()
        callgrind.switch(w.controller.process.pid, on=True)
        create_each(w, COUNTED)
        callgrind.switch(w.controller.process.pid, on=False)
        after, stats = w.cluster(), w.stats()
        w.controller.stop()
        if profile:
            shutil.copyfile(out, profile)
        return {
            "instructions": callgrind.total(out.read_text(errors="replace")) // COUNTED,
            "requests": stats["requests"] / COUNTED,
            "patches": (after["patches"] - before["patches"]) / COUNTED,
            "events": (after["events"] - before["events"]) / COUNTED,
        }
