"""One connection that can be tried, and what came of it."""

from dataclasses import dataclass, field, replace

OUTSIDE = "outside"

OPEN, REFUSED, SILENT, UNSENT = "open", "refused", "no answer", "not sent"


@dataclass(frozen=True)
class Flow:
    """From a Pod (namespace/name) or the outside to an address. `target`: what has the address."""

    source: str
    target: str
    protocol: str  # tcp, udp, icmp
    address: object  # ip_address
    port: int = 0

    def __str__(self):
        where = f"{self.address} {self.protocol}" + (f"/{self.port}" if self.port else "")
        return f"{self.source} → {self.target} ({where})"


@dataclass(frozen=True)
class Outcome:
    """`kind`: of the words above; refused: something has answered, by an error or by the end of the
    connection. `answerer`: who answered; empty where an answer has no name. `evidence`: Evidence of
    a connection without an answer."""

    kind: str
    answerer: str = ""
    evidence: object = field(default=None, compare=False)

    @property
    def is_established(self):
        """Whether a connection without an answer was made all the same: its packets have reached a
        server."""
        tcp = self.evidence and self.evidence.tcp
        return bool(tcp) and tcp.name == "ESTABLISHED"


@dataclass(frozen=True)
class Difference:
    """Packets did not do what the labels say."""

    flow: Flow
    expected: frozenset
    outcome: Outcome

    def __str__(self):
        says = f"open, to {' or '.join(sorted(self.expected))}" if self.expected else "closed"
        did = self.outcome.kind + (f", by {self.outcome.answerer}" if self.outcome.answerer else "")
        did += f" ({self.outcome.evidence})" if self.outcome.evidence else ""
        return f"{self.flow}: the labels say {says}; the packets: {did}"


def observed(flow, outcome, sent):
    """The outcome, unless packets of the flow are not among the `sent` ones."""
    on_the_wire = (flow.source, flow.protocol, flow.address, flow.port) in sent
    return outcome if on_the_wire else replace(outcome, kind=UNSENT, answerer="")


def difference(flow, expected, outcome):
    """None where an outcome is as expected. `expected`: who may answer; empty: closed."""
    if outcome.kind == OPEN:
        agrees = bool(expected) if not outcome.answerer else outcome.answerer in expected
    else:
        # What is closed is dropped. A refusal comes from something that the packet has reached, and
        # what was not sent shows nothing.
        agrees = outcome.kind == SILENT and not outcome.is_established and not expected
    return None if agrees else Difference(flow, expected, outcome)
