"""The first connection of a Pod: what is there when a node may plug it, and what comes of it."""

import selectors
import time
from dataclasses import dataclass

from layout.attachment import attachment
from matrix.flow import SILENT, Flow, Outcome
from matrix.inside import inside
from matrix.tcp import Tcp

from .client import resent

_DEADLINE = 60  # seconds for what must happen
_LIMIT = 30  # seconds without an answer


@dataclass(frozen=True)
class Start:
    """`is_open`: whether the config API had the connection when the annotation was seen.
    `told`, `answered`: seconds from the creation of the Pod. `resent`: TCP segments that were sent
    again."""

    is_open: bool
    outcome: Outcome
    resent: int
    told: float
    answered: float


def start(bed, made, service, port, waits):
    """Creates a Pod (an object with one container), plugs it when its annotation is there, and
    connects to a Service (namespace/name) of the tier of the same name. `waits`: for its flows
    before, as the node plugin does with `waitForFlows`."""
    began = time.monotonic()
    namespace, name = made["metadata"]["namespace"], made["metadata"]["name"]
    path = f"/api/v1/namespaces/{namespace}/pods"
    bed.cluster.api.post(path, made)
    found = _until(lambda: attachment(bed.cluster.api.get(f"{path}/{name}")), "the annotation")
    told = time.monotonic()
    is_open = bed.connects(f"{namespace}:{made['metadata']['labels']['name']}",
                           service.replace("/", ":service-"))
    bed.layout.plug(found)
    if waits:
        _until(lambda: found.pod not in bed.layout.uninstalled(), "the flows")
    outcome, again = _connect(bed.running.namespace(found.pod),
                              Flow(found.pod, service, "tcp", bed.service_address(service), port))
    return Start(is_open, outcome, again, told - began, time.monotonic() - began)


def _until(condition, what):
    """As wait_for, without a pause: a pause would hide what is late."""
    end = time.monotonic() + _DEADLINE
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {_DEADLINE} s for {what}")
    return value


def _connect(namespace, flow):
    with inside(namespace):
        tcp = Tcp(flow)
    end = time.monotonic() + _LIMIT
    with tcp.socket, selectors.DefaultSelector() as selector:
        key = selector.register(tcp.socket, tcp.events)
        while (left := end - time.monotonic()) > 0:
            if not selector.select(left):
                continue
            if outcome := tcp.ready():
                return outcome, resent(tcp)
            if key.events != tcp.events:
                key = selector.modify(tcp.socket, tcp.events)
        return Outcome(SILENT), resent(tcp)
