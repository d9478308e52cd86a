"""Names and ids in the config API, as docs/object-model.md and docs/formats.md define them."""

import ipaddress
import re
import uuid

MARK = "opencontrail.org/"
DOMAIN = "default-domain"
PROJECT = f"{DOMAIN}:default-project"
ALLOCATION = f"{PROJECT}:addr-alloc"
_IDS = uuid.UUID("3c79d3da-54e8-4d7b-b7ef-8ac4450c1655")


def derived(*texts):
    """The id that is derived from three texts."""
    return str(uuid.uuid5(_IDS, " ".join(texts)))


def mac_of(interface):
    """The MAC: `02:` and the first five bytes of the interface's id."""
    return ":".join(["02"] + [interface.replace("-", "")[i:i + 2] for i in range(0, 10, 2)])


def project_of(namespace):
    """The project of a Namespace."""
    return f"{DOMAIN}:{namespace}"


def pod_network(namespace, tier):
    """The network of a pod tier. A name that a service network or the server could have is
    changed."""
    reserved = tier.startswith("service-") or tier == "default-virtual-network"
    return f"{DOMAIN}:{namespace}:{'__pod_' if reserved else ''}{tier}"


def service_network(namespace, tier):
    """The network of a service tier."""
    return f"{DOMAIN}:{namespace}:service-{tier}"


def pool_of(network):
    """The pool of a network, which has the network's name."""
    return f"{network}:{network.rsplit(':', 1)[1]}"


def policy_name(namespace, tier):
    """The policy that gives access to a service tier."""
    return f"{DOMAIN}:{namespace}:__svc_{tier}"


def global_policy(network):
    """The policy that connects a global network. It is beside the network, or in the default
    project if the network is in another domain."""
    project, last = network.rsplit(":", 1)
    if network.startswith(f"{DOMAIN}:"):
        return f"{project}:__net_{last}"
    return f"{PROJECT}:__net_{re.sub(r'[^A-Za-z0-9_]', '_', network)}"


def second(family):
    """The suffix in the names of second addresses."""
    return f"_v{family}"


def public_key(what, address):
    """The key of a public address in the oracle, independent of its object's name."""
    return f"public address {ipaddress.ip_address(str(address))} of {what}"
