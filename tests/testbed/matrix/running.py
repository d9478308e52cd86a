"""A running testbed, as the probe finds it: a file in the layout's folder says what there is."""

import json
import os

from controlplane import Cluster
from layout.folder import ROOT
from layout.leftovers import folders
from oracle.settings import Settings

_FILE = "testbed.json"


class NoTestbed(Exception):
    """There is none to be probed, or more than one."""


def publish(folder, cluster, settings):
    """Writes the file. `settings`: name → tuple of texts, as oracle.Settings has them."""
    path = folder.file(_FILE)
    with open(f"{path}.new", "w", encoding="utf-8") as out:
        json.dump({"cluster": cluster.folder, "settings": settings}, out)
    os.replace(f"{path}.new", path)


def find(root=ROOT):
    """The folder of the only running testbed. NoTestbed if there is none, or several."""
    found = [folder for folder, alive in folders(root)
             if alive and os.path.exists(os.path.join(folder, _FILE))]
    if len(found) != 1:
        raise NoTestbed("no testbed runs: start one with tests/testbed/packets" if not found else
                        f"several testbeds run, choose one with --testbed: {', '.join(found)}")
    return found[0]


class Running:
    """What runs in a folder."""

    def __init__(self, folder):
        self._folder = folder
        try:
            with open(os.path.join(folder, _FILE), encoding="utf-8") as text:
                said = json.load(text)
        except OSError as error:
            raise NoTestbed(f"{folder} is not of a running testbed: {error}") from error
        self.api = Cluster.attach(said["cluster"]).api
        self.settings = Settings(**{name: tuple(value)
                                    for name, value in said["settings"].items()})

    def namespace(self, name):
        """The network namespace of a Pod (namespace/name), of a machine or of the outside."""
        return os.path.join(self._folder, "net", name.replace("/", ".")[:200])
