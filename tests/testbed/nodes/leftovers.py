"""The names of what a testbed's nodes have outside of their folder, and what is left of nodes whose
owner was killed."""

import os

from controlplane import process
from layout.folder import PREFIX
from layout.leftovers import owner

from . import cgroups


def prefix(folder):
    """How the names of all cgroups of a layout's Folder start. It names the owner, so that what a
    killed owner left can be told from what is in use."""
    return f"{os.path.basename(folder.path)}."


def clean(mounted=None):
    """Removes cgroups of layouts without an owner; what it removed, as lines. There should be none:
    each layout has a janitor."""
    mounted = mounted or cgroups.mounted_here()
    said = []
    for path in cgroups.folders(PREFIX, mounted):
        layout = os.path.basename(path).rpartition(".")[0]
        found = owner(layout)
        if found and not process.is_alive(*found) and not cgroups.remove(f"{layout}.", mounted):
            said.append(f"removed {path}")
    return said
