"""The stand-in of the config API, filled with the objects of objects.py, over HTTP."""

import os
import sys

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(_ROOT, "tests", "config-api-conformance"))
os.environ.setdefault("CONTRAIL_CONFIG_API", os.path.join(
    os.environ.get("KNM_BIN") or os.path.join(_ROOT, "bin"), "contrail-config-api"))

from standin import StandIn  # noqa: E402  (needs the path above)

# Children after parents, references after what they refer to.
_ORDER = ("network-policy", "virtual-network", "virtual-machine-interface", "instance-ip",
          "floating-ip")


class ConfigServer(StandIn):
    """A running server; send(method, target, body) makes a request."""

    def fill(self, objects):
        """Creates all objects, with their projects and pools."""
        for project in sorted({entry["fq_name"][1] for entry in objects.lists["virtual-network"]}):
            if project != "default-project":
                self._create("project", {"fq_name": ["default-domain", project],
                                         "parent_type": "domain"})
        for kind in _ORDER:
            for entry in objects.lists.get(kind, ()):
                if kind == "floating-ip":
                    self._create_pool(entry["fq_name"][:-1])
                self._create(kind, {name: _without_uuids(value) for name, value in entry.items()})

    def change(self, method, target, body=None):
        """A request that must succeed."""
        answer = self.send(method, target, body)
        assert answer.status == 200, f"{method} {target}: {answer.status} {answer.body}"

    def _create(self, kind, body):
        self.change("POST", f"/{kind}s", {kind: body})

    def _create_pool(self, name):
        answer = self.send("POST", "/floating-ip-pools", {"floating-ip-pool": {
            "fq_name": name, "parent_type": "virtual-network"}})
        assert answer.status in (200, 409), answer.body


def _without_uuids(value):
    """References by name alone, as the server wants them in a body."""
    if isinstance(value, list) and value and all(
            isinstance(entry, dict) and "to" in entry for entry in value):
        return [{"to": entry["to"], "attr": entry.get("attr")} for entry in value]
    return value


