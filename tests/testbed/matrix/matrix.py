"""One run: what is expected, what packets do, where they differ."""

from ipaddress import ip_address

from layout.addresses import OUTSIDE as OUTSIDE_ADDRESSES

from .attempts import attempt
from .expectation import Expectation
from .flow import OUTSIDE, difference
from .inside import sent_packets

from oracle.cluster import Snapshot  # noqa: E402  (expectation.py knows where it is)
from oracle.settings import Settings  # noqa: E402


class Matrix:
    """`expected`, `outcomes`, `differences`; `sent`: source → packets that left it meanwhile."""

    def __init__(self, running, seconds):
        expectation = expect(running)
        self.expected = expectation.flows
        namespaces = {name: running.namespace(name) for name in [*expectation.pods, OUTSIDE]}
        before = {name: sent_packets(path) for name, path in namespaces.items()}
        self.outcomes = attempt(self.expected, namespaces, seconds)
        self.sent = {name: sent_packets(path) - before[name] for name, path in namespaces.items()}
        self.differences = [found for flow, names in self.expected.items()
                            if (found := difference(flow, names, self.outcomes[flow]))]
        # A closed connection is seen by an answer that does not come. That shows nothing unless
        # the question was on the wire.
        self.mute = sorted(source for source in {flow.source for flow in self.expected}
                           if self.sent[source] < _tries(self.expected, source))


def _tries(expected, source):
    return sum(flow.source == source for flow in expected)


def expect(running):
    """The Expectation of this moment."""
    families = {4, 6} if len(running.settings["private_ranges"]) > 1 else {4}
    outside = [ip_address(address) for version, address in OUTSIDE_ADDRESSES.items()
               if version in families]
    return Expectation(Snapshot(running.api), Settings(**running.settings), outside)
