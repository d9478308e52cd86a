"""Random changes that other clients make in the config API: external networks and public
addresses."""

from random_world import LEGACY
from rig import call

_OTHERS = "of-others-"
_ELSE = {"key_value_pair": [{"key": "opencontrail.org/owner", "value": "berlin/11111111-2222-4333-8444-555555555555"}]}


class OutsideSteps:
    """Single changes, on a server without faults. `did` is called with the name of each change
    that had an effect. `strange` has the addresses that other clients took or released since it
    was last emptied."""

    def __init__(self, api, world, random, log, did):
        self._api, self._world, self._random, self._log, self._did = api, world, random, log, did
        self.foreign = set()

    @staticmethod
    def prepare(api):
        """Makes the projects of other clients, before the controller starts."""
        for kind, name, parent in (("domain", "elsewhere", "config-root"), ("project", "elsewhere:net", "domain"),
                                   ("project", LEGACY, "domain")):
            status, answer = call(f"{api.url}/{kind}s", {kind: {"fq_name": name.split(":"), "parent_type": parent}})
            assert status == 200, answer

    def all_networks(self):
        """Creates all external networks."""
        for name in self._world.networks():
            self._create("virtual-network", name, "project", "an external network is created")

    def network(self):
        """Deletes or creates one external network."""
        name = self._random.choice(self._world.networks())
        if not self._drop("virtual-network", name, "an external network is deleted"):
            self._create("virtual-network", name, "project", "an external network is created")

    def network_of_another_owner(self):
        """Replaces one external network by one with the owner annotations of another owner."""
        name = self._random.choice(self._world.networks())
        self._drop("virtual-network", name, "an external network is deleted")
        self._create("virtual-network", name, "project", "an external network of another owner",
                     annotations=_ELSE)

    def address(self):
        """Another client takes a free public address, or releases all that it has."""
        if self._random.random() < 0.3 and self.addresses_go():
            self._did("a public address of another client is released")
            return
        network = self._world.settings.public_network
        for text in self._random.sample(self._world.others, len(self._world.others)):
            name = f"{network}:{network.rsplit(':', 1)[1]}:{_OTHERS}{text.replace(':', '-')}"
            if self._create("floating-ip", name, "floating-ip-pool",
                            "a public address of another client",
                            floating_ip_address=text):
                self.foreign.add(text)
                return

    def addresses_go(self):
        """Releases the public addresses of other clients. The result is true if there were any."""
        foreign = {name: item["floating_ip_address"]
                   for name, item in self._list("floating-ip").items() if _OTHERS in name}
        self.foreign |= set(foreign.values())
        return [self._drop("floating-ip", name) for name in foreign]

    def _list(self, kind):
        self._api.control("faults", method="DELETE")
        return self._api.list(f"{kind}s")

    def _create(self, kind, name, parent, what, **fields):
        self._api.control("faults", method="DELETE")
        body = {"fq_name": name.split(":"), "parent_type": parent, **fields}
        status, _ = call(f"{self._api.url}/{kind}s", {kind: body})
        self._log.append(f"config API: create {kind} {name} {fields or ''} → {status}")
        if status == 200:
            self._did(what)
        return status == 200

    def _drop(self, kind, name, what=None):
        if not (item := self._list(kind).get(name)):
            return False
        status, _ = call(f"{self._api.url}/{kind}/{item['uuid']}", method="DELETE")
        self._log.append(f"config API: delete {kind} {name} → {status}")
        if status == 200 and what:
            self._did(what)
        return status == 200
