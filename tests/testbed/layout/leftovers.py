"""What is left of layouts whose owner was killed.

The kernel kills the processes of a layout when its owner ends, and removes a namespace with its
last process. So there should be nothing; this looks all the same."""

import os
import shutil
import signal

from controlplane import process

from .folder import PREFIX, ROOT


def owner(name):
    """The process that a layout's name names, as (pid, start time); None if it is no such name."""
    pid, dot, started = name.removeprefix(PREFIX).partition(".")
    if name.startswith(PREFIX) and dot and pid.isdigit() and started.isdigit():
        return int(pid), int(started)
    return None


def folders(root=ROOT):
    """(folder, whether its owner lives), of every layout."""
    for name in sorted(os.listdir(root)):
        if found := owner(name):
            yield os.path.join(root, name), process.is_alive(*found)


def clean(root=ROOT):
    """Ends processes and removes folders of layouts without an owner; what it removed, as lines."""
    said = []
    for folder, alive in folders(root):
        if alive:
            continue
        for pid, started in _noted(folder):
            if process.is_alive(pid, started):
                os.kill(pid, signal.SIGKILL)
                said.append(f"ended process {pid}")
        shutil.rmtree(folder, ignore_errors=True)
        said.append(f"removed {folder}")
    return said


def _noted(folder):
    try:
        with open(os.path.join(folder, "pids"), encoding="ascii") as lines:
            pairs = [line.split() for line in lines]
    except FileNotFoundError:
        return
    for pair in pairs:
        if len(pair) == 2 and all(text.isdigit() for text in pair):
            yield int(pair[0]), int(pair[1])
