"""What is in the config API that is not the controller's, as far as it decides what is wanted."""

import collections

from .cluster import address_of, uid_of
from .names import MARK, pool_of, project_of


def owner_of(item):
    """Whose mark an object has; None: nobody's."""
    return _annotation(item, "owner")


def _annotation(item, key):
    return next((pair["value"] for pair in (item.get("annotations") or {}).get("key_value_pair") or []
                 if pair["key"] == MARK + key), None)


class Outside:
    """`networks`: those of the configuration that somebody else made, by who marked them. `projects`: the Namespaces
    whose projects are somebody else's. `addresses`: those of others in the public network. `had`: address → the UIDs
    of the Services that floating IPs of ours were made for."""

    def __init__(self, there, snapshot, settings):
        networks = {name: owner_of(item) for (kind, name), item in there.items()
                    if kind == "virtual-network" and name in settings.outside()}
        ours = f"kubernetes/{uid_of(snapshot.namespaces['kube-system'])}"
        self.networks = {name: owner for name, owner in networks.items() if owner not in (ours, "shared")}
        self.projects = {name for name, item in snapshot.namespaces.items()
                         if (project := there.get(("project", project_of(name))))
                         and project["uuid"] != uid_of(item) and owner_of(project) is None
                         and name != "default-project"}
        pool = pool_of(settings.public_network) + ":"
        self.addresses = {name: item["floating_ip_address"] for (kind, name), item in there.items()
                          if kind == "floating-ip" and name.startswith(pool) and owner_of(item) != ours}

        self.had = collections.defaultdict(set)
        for (kind, _), item in there.items():
            if kind == "floating-ip" and owner_of(item) == ours:
                self.had[address_of(item["floating_ip_address"])].add(_annotation(item, "uid"))

    def connectable(self):
        """The networks that somebody made and that nobody else has marked."""
        return {name for name, owner in self.networks.items() if owner is None}

    def in_the_way(self):
        """The states of objects (docs: the metric knm_objects) that do not change while others are there."""
        return ({"conflict", "waiting"} if self.projects else set()) | ({"backing_off"} if self.addresses else set())
