"""The names of what a testbed's nodes have outside of their folder, and what is left of nodes whose
owner was killed."""

import os
import tempfile

from controlplane import process
from layout import leftovers
from layout.folder import PREFIX

from . import cgroups


def prefix(folder):
    """How the names of all cgroups of a layout's Folder start. It names the owner, so that what a
    killed owner left can be told from what is in use."""
    return f"{os.path.basename(folder.path)}."


def root():
    """Where the folders of nodes are. Not /run, which may be small and is in memory: nodes unpack
    images in them."""
    return tempfile.gettempdir()


def clean(mounted=None):
    """Removes folders and cgroups of nodes without an owner; what it removed, as lines. There
    should be none: both have janitors."""
    mounted = mounted or cgroups.mounted_here()
    said = leftovers.clean(root())
    for path in cgroups.folders(PREFIX, mounted):
        layout = os.path.basename(path).rpartition(".")[0]
        found = leftovers.owner(layout)
        if found and not process.is_alive(*found) and not cgroups.remove(f"{layout}.", mounted):
            said.append(f"removed {path}")
    return said
