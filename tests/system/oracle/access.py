"""Which networks reach which: the rules of every policy."""

import collections
import re

from . import cluster as k8s
from .meaning import FAMILIES
from .names import ALLOCATION, DOMAIN, global_policy, pod_network, policy_name, service_network


class Access:
    """`tiers`: service tier → its rules. `globals`: global network → its rules. A rule is
    (network of users, network that they reach); a policy without rules is left out. `attached`:
    network → its policies."""

    def __init__(self, meaning):
        self._meaning, self._settings = meaning, meaning.settings
        self.networks = self._made() | meaning.outside.connectable()
        self.tiers = {tier: rules for tier, rules in self._service_rules().items() if rules}
        self.globals = {network: rules for network, rules in self._global_rules().items() if rules}
        self.attached = collections.defaultdict(set)
        for policy, rules in [(policy_name(*tier), rules) for tier, rules in self.tiers.items()] + \
                [(global_policy(network), rules) for network, rules in self.globals.items()]:
            for network in {end for rule in rules for end in rule}:
                self.attached[network].add(policy)

    def colliding(self):
        """Global networks whose policy would have the name of an earlier one's policy."""
        seen, out = set(), []
        for network in self._settings.global_networks:
            if global_policy(network) in seen:
                out.append(network)
            seen.add(global_policy(network))
        return out

    def _made(self):
        """The networks that the controller creates."""
        meaning = self._meaning
        return ({pod_network(*tier) for tier in meaning.tiers.values()} | {ALLOCATION}
                | {service_network(*meaning.tier(key)) for key, service in meaning.services.items()
                   if not k8s.is_headless(service)}
                | ({self._settings.public_network} if self._settings.public_ranges else set()))

    def _service_rules(self):
        meaning, settings = self._meaning, self._settings
        users = collections.defaultdict(set)  # service tier → networks
        for key, pod in meaning.pods.items():
            namespace = key[0]
            used = {(namespace, name) for name in k8s.uses_of(pod, settings.uses_keys)[0]}
            used |= {(namespace, name) for name in settings.namespace_services}
            for tier in used | set(settings.cluster_services):
                users[tier].add(pod_network(*meaning.tiers[key]))
        reached = collections.defaultdict(set)
        for key, service in meaning.services.items():
            tier = meaning.tier(key)
            if k8s.is_headless(service):
                reached[tier] |= {pod_network(*meaning.tiers[k8s.key_of(pod)]) for family in FAMILIES for pod in meaning.serving(service, family).pods}
            else:
                reached[tier].add(service_network(*tier))
        for tier in users.keys() - reached.keys():
            network = settings.external_service(*tier)
            if network in self.networks and tier[0] in meaning.k8s.namespaces and meaning.has_place(tier[0]):
                reached[tier].add(network)
        return {tier: {(user, network) for user in users[tier] for network in networks if user != network}
                for tier, networks in reached.items()}

    def _global_rules(self):
        settings = self._settings
        networks = set(settings.global_networks) - set(self.colliding())
        users = {network for tier in set(self._meaning.tiers.values()) if (network := pod_network(*tier)) not in
                 settings.global_networks and self._is_connected(network)}
        return {network: {(user, network) for user in users} for network in networks & self.networks}

    def _is_connected(self, network):
        name = network.removeprefix(f"{DOMAIN}:").replace(":", "/", 1)
        return bool(re.search(self._settings.global_include, name)) and not (
            self._settings.global_exclude and re.search(self._settings.global_exclude, name))
