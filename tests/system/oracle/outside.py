"""The config objects of other clients, as far as the desired state depends on them."""

import collections

from .cluster import address_of, uid_of
from .names import MARK, pool_of, project_of


def owner_of(item):
    """The owner in the owner annotations; None for an unowned object."""
    return _annotation(item, "owner")


def _annotation(item, key):
    return next((pair["value"] for pair in (item.get("annotations") or {}).get("key_value_pair") or []
                 if pair["key"] == MARK + key), None)


class Outside:
    """`networks`: external networks by name, with their owner. `projects`: the Namespaces whose
    projects belong to another client. `addresses`: those of other clients in the public network.
    `had`: address → the UIDs of the Services that owned floating IPs were made for."""

    def __init__(self, there, snapshot, settings):
        networks = {name: owner_of(item) for (kind, name), item in there.items()
                    if kind == "virtual-network" and name in settings.outside()}
        this_cluster = f"kubernetes/{uid_of(snapshot.namespaces['kube-system'])}"
        self.networks = {name: owner for name, owner in networks.items()
                         if owner not in (this_cluster, "shared")}
        self.projects = {name for name, item in snapshot.namespaces.items()
                         if (project := there.get(("project", project_of(name))))
                         and project["uuid"] != uid_of(item) and owner_of(project) is None
                         and name != "default-project"}
        pool = pool_of(settings.public_network) + ":"
        self.addresses = {name: item["floating_ip_address"] for (kind, name), item in there.items()
                          if kind == "floating-ip" and name.startswith(pool)
                          and owner_of(item) != this_cluster}

        self.had = collections.defaultdict(set)
        for (kind, _), item in there.items():
            if kind == "floating-ip" and owner_of(item) == this_cluster:
                self.had[address_of(item["floating_ip_address"])].add(_annotation(item, "uid"))

    def connectable(self):
        """The external networks without an owner."""
        return {name for name, owner in self.networks.items() if owner is None}

    def in_the_way(self):
        """The entry states that last while objects of other clients exist (see the metric
        knm_objects)."""
        return ({"conflict", "waiting"} if self.projects else set()) | ({"backing_off"} if self.addresses else set())
