"""What a Pod's annotation asks the node to attach."""

import json
from dataclasses import dataclass
from ipaddress import ip_address

ANNOTATION = "opencontrail.org/pod-state"


@dataclass(frozen=True)
class Attachment:
    """An interface of a Pod: on which node, with what address and MAC."""

    pod: str  # namespace/name
    uid: str
    node: str
    interface: str  # uuid
    mac: str
    addresses: tuple  # ip_address
    gateway: object  # ip_address, of the first address

    @property
    def port(self):
        """The name of the network device on the node."""
        return f"p{self.interface.replace('-', '')[:14]}"


def attachment(pod):
    """Of a Pod as the API server shows it; None while there is nothing to attach. ValueError if
    the annotation is not of this Pod, or is none at all."""
    metadata = pod["metadata"]
    text = (metadata.get("annotations") or {}).get(ANNOTATION)
    node = pod["spec"].get("nodeName")
    over = pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
    if not text or not node or pod["spec"].get("hostNetwork") or over:
        return None
    name = f"{metadata['namespace']}/{metadata['name']}"
    try:
        state = json.loads(text)
        owner = state["podUid"]
        found = Attachment(
            name, metadata["uid"], node, state["uuid"], state["macAddress"],
            tuple(map(ip_address, state.get("ipAddresses") or [state["ipAddress"]])),
            ip_address(state["gateway"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the annotation of {name} cannot be read: {error!r}") from error
    if owner != metadata["uid"]:
        raise ValueError(f"the annotation of {name} is another Pod's")
    return found
