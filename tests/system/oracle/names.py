"""Names and ids in the config API, by docs/object-model.md and docs/formats.md."""

import ipaddress
import re
import uuid

MARK = "opencontrail.org/"
DOMAIN = "default-domain"
PROJECT = f"{DOMAIN}:default-project"
ALLOCATION = f"{PROJECT}:addr-alloc"
_IDS = uuid.UUID("3c79d3da-54e8-4d7b-b7ef-8ac4450c1655")


def derived(*texts):
    """The id of what these three texts identify."""
    return str(uuid.uuid5(_IDS, " ".join(texts)))


def mac_of(interface):
    """`02:` and the first five bytes of the interface's id."""
    return ":".join(["02"] + [interface.replace("-", "")[i:i + 2] for i in range(0, 10, 2)])


def project_of(namespace):
    """A Namespace's."""
    return f"{DOMAIN}:{namespace}"


def pod_network(namespace, tier):
    """The name of a tier's network: what could be a service network's or the server's own is moved aside."""
    reserved = tier.startswith("service-") or tier == "default-virtual-network"
    return f"{DOMAIN}:{namespace}:{'__pod_' if reserved else ''}{tier}"


def service_network(namespace, tier):
    """Of a service tier."""
    return f"{DOMAIN}:{namespace}:service-{tier}"


def pool_of(network):
    """A network's pool has its name."""
    return f"{network}:{network.rsplit(':', 1)[1]}"


def policy_name(namespace, tier):
    """What gives access to a service tier."""
    return f"{DOMAIN}:{namespace}:__svc_{tier}"


def global_policy(network):
    """What connects a global network: beside it, or in the default project if it is in another domain."""
    project, last = network.rsplit(":", 1)
    if network.startswith(f"{DOMAIN}:"):
        return f"{project}:__net_{last}"
    return f"{PROJECT}:__net_{re.sub(r'[^A-Za-z0-9_]', '_', network)}"


def second(family):
    """How the names of second addresses end."""
    return f"_v{family}"


def public_key(what, address):
    """How a public address is called here, whatever its object's name is."""
    return f"public address {ipaddress.ip_address(str(address))} of {what}"
