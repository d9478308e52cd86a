"""Random changes to the config API by others: the networks that the configuration names, and public addresses."""

from random_world import LEGACY
from rig import call

_OTHERS = "of-others-"
_ELSE = {"key_value_pair": [{"key": "opencontrail.org/owner", "value": "berlin/11111111-2222-4333-8444-555555555555"}]}


class OutsideSteps:
    """One at a time, on a server without faults. `did`: is told what was done; `strange`: the addresses that somebody
    took or gave up since it was emptied."""

    def __init__(self, api, world, random, log, did):
        self._api, self._world, self._random, self._log, self._did = api, world, random, log, did
        self.strange = set()

    @staticmethod
    def prepare(api):
        """The projects of others, before anything else happens."""
        for kind, name, parent in (("domain", "elsewhere", "config-root"), ("project", "elsewhere:net", "domain"),
                                   ("project", LEGACY, "domain")):
            status, answer = call(f"{api.url}/{kind}s", {kind: {"fq_name": name.split(":"), "parent_type": parent}})
            assert status == 200, answer

    def all_networks(self):
        """All come."""
        for name in self._world.networks():
            self._create("virtual-network", name, "project", "an outside network comes")

    def network(self):
        """One comes or goes."""
        name = self._random.choice(self._world.networks())
        if not self._drop("virtual-network", name, "an outside network goes"):
            self._create("virtual-network", name, "project", "an outside network comes")

    def network_of_another_owner(self):
        """One is somebody's who marks."""
        name = self._random.choice(self._world.networks())
        self._drop("virtual-network", name, "an outside network goes")
        self._create("virtual-network", name, "project", "an outside network of another owner", annotations=_ELSE)

    def address(self):
        """Somebody takes a public address that nobody has; or gives it up."""
        if self._random.random() < 0.3 and self.addresses_go():
            self._did("a public address of others goes")
            return
        network = self._world.settings.public_network
        for text in self._random.sample(self._world.strangers, len(self._world.strangers)):
            name = f"{network}:{network.rsplit(':', 1)[1]}:{_OTHERS}{text.replace(':', '-')}"
            if self._create("floating-ip", name, "floating-ip-pool", "a public address of others",
                            floating_ip_address=text):
                self.strange.add(text)
                return

    def addresses_go(self):
        """Nobody else has one any longer; whether somebody had."""
        theirs = {name: item["floating_ip_address"] for name, item in self._list("floating-ip").items() if _OTHERS in name}
        self.strange |= set(theirs.values())
        return [self._drop("floating-ip", name) for name in theirs]

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
