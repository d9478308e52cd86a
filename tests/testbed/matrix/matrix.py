"""One run: what is expected, what packets do, where they differ."""

import os
from ipaddress import ip_address

from layout.addresses import OUTSIDE as OUTSIDE_ADDRESSES
from oracle.cluster import Snapshot

from .attempts import attempt
from .expectation import Expectation
from .flow import OUTSIDE, difference, observed
from .running import NoTestbed
from .wire import Wire


class Matrix:
    """`expected`: flow → who may answer; `outcomes`: flow → Outcome; `differences`; `pods`: name →
    the Pod. `part`: of the connections, in the order in which they are tried."""

    def __init__(self, running, seconds, part=slice(None)):
        expectation = expect(running)
        self.expected = dict(list(expectation.flows.items())[part])
        self.pods, sent = expectation.pods, set()
        namespaces = {name: running.namespace(name) for name in [*expectation.pods, OUTSIDE]}
        for name, path in namespaces.items():
            if not os.path.exists(path):
                raise NoTestbed(f"{name} is not plugged yet")
        with Wire(namespaces) as wire:
            outcomes = attempt(self.expected, namespaces, seconds,
                               lambda: sent.update(wire.sent()))  # before a buffer is full
        self.outcomes = {flow: observed(flow, outcome, sent) for flow, outcome in outcomes.items()}
        self.differences = [found for flow, names in self.expected.items()
                            if (found := difference(flow, names, self.outcomes[flow]))]


def expect(running):
    """The Expectation of this moment."""
    families = {ip_address(text.partition("/")[0]).version
                for text in running.settings.private_ranges}
    outside = [ip_address(address) for version, address in OUTSIDE_ADDRESSES.items()
               if version in families]
    return Expectation(Snapshot(running.api), running.settings, outside)
