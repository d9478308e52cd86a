"""The testbed of changes under load."""

import dataclasses
import json

from bed.container_testbed import objects_of
from bed.ranges import Ranges
from bed.testbed import Testbed
from layout.command import ip
from renderer.config import TYPES

from .database import NETWORK, TIER
from .lifecycle import GRACEFUL, Lifecycle
from .load import Load


class LoadTestbed(Testbed):
    """As Testbed, with Pods that begin and end as kubelets let them, and with a controller that
    may have a standby."""

    more_config = f"""\
external-service: {{{TIER}: "{NETWORK}"}}
audit-interval: 5s
leader-election: true
lease-duration: 6s
lease-renew-deadline: 4s
lease-retry-period: 500ms
"""

    def __init__(self, say, dual_stack=False, ranges=None):
        super().__init__(say, dual_stack, ranges=ranges)
        self.settings = dataclasses.replace(self.settings,
                                            external_services=((TIER, NETWORK, ()),))

    def apply(self, folder):
        """`kubectl apply` of an application, whose Pods begin and end gracefully."""
        text = self.cluster.kubectl("create", "--dry-run=client", "--output=json",
                                    "--filename", folder)
        self.apply_objects([_graceful(made) for made in objects_of(text)])

    def apply_objects(self, objects):
        """`kubectl apply` of objects."""
        self.cluster.kubectl("apply", "--filename", "-", stdin=json.dumps(
            {"apiVersion": "v1", "kind": "List", "items": objects}))

    def agent(self):
        """Also plays the parts of kubelets that kwok leaves out."""
        return Lifecycle(self.layout, self.settings, self.say, self.cluster.api)

    def load(self, source, address, port, every=0.02):
        """A Load from a Pod or the outside (as matrix.flow names them), to be entered."""
        return Load(self.layout.folder, self.running.namespace(source), address, port, every)

    def config_objects(self):
        """All objects that decide what packets do: type → name → object."""
        return {kind: self._objects.list(f"{kind}s") for kind in TYPES}

    def connects(self, source, destination):
        """Whether the config API connects two networks of Namespaces, as namespace:network: a
        policy has a rule for them, and both refer to it."""
        ends = [f"default-domain:{network}" for network in (source, destination)]
        policies = self._objects.list("network-policys")
        networks = self._objects.list("virtual-networks")
        ruled = {name for name, policy in policies.items()
                 for rule in policy["network_policy_entries"]["policy_rule"]
                 if [rule[side][0].get("virtual_network")
                     for side in ("src_addresses", "dst_addresses")] == ends}
        return any(all({":".join(reference["to"]) for reference in networks.get(end, {}).get(
            "network_policy_refs", [])} >= {name} for end in ends) for name in ruled)

    def subnets_in_policies(self):
        """Addresses of rules that are no networks."""
        rules = [rule for policy in self._objects.list("network-policys").values()
                 for rule in policy["network_policy_entries"]["policy_rule"]]
        return [end for rule in rules for end in [*rule["src_addresses"], *rule["dst_addresses"]]
                if set(end) != {"virtual_network"}]

    def writes(self):
        """How many requests of the controller have written to the config API."""
        lines = self.controller.get("/metrics").splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines
                   if line.startswith("knm_config_api_requests_total{")
                   and not any(f'verb="{verb}"' in line for verb in ("read", "list", "resolve")))

    def cut_off(self, node, away=True):
        """Unplugs a node from the underlay, or plugs it in again."""
        ip(self.layout.switches[node].machine, f"link set eth0 {'down' if away else 'up'}")

    def leave_alone(self, objects):
        """The controller must ignore these objects of the config API, (type, name)."""
        self._untouched |= set(objects)


class SmallTestbed(LoadTestbed):
    """With twelve addresses for Pods, which are assigned again after a second."""

    more_config = f"{LoadTestbed.more_config}address-cool-down: 1s\n"

    def __init__(self, say, dual_stack=False):
        ranges = Ranges(dual_stack)
        ranges.pods = ("10.0.0.0/28",)
        super().__init__(say, dual_stack, ranges)


def _graceful(made):
    template = made.get("spec", {}).get("template")
    if template:
        template["metadata"].setdefault("annotations", {}).update(GRACEFUL)
    return made
