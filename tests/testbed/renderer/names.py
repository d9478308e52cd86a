"""Names of rows. Port groups and address sets are named in matches: letters, digits and _ only."""

SWITCH = "config-api-interfaces"
ROUTER = "config-api-router"
ROUTER_PORT = "config-api-router-interfaces"
EVERY_PORT = "config_api_every_port"
OUTSIDE = {4: "config_api_outside_ip4", 6: "config_api_outside_ip6"}


def group(network):
    """The port group of a network's own interfaces; OVN keeps the address sets `<name>_ip4`
    and `<name>_ip6` of it."""
    return f"network_{_hex(network.uuid)}"


def backends(floating_ip):
    """The port group of the interfaces behind a floating IP."""
    return f"behind_{_hex(floating_ip.uuid)}"


def floating(network, version):
    """The address set of a network's floating IPs of one family."""
    return f"floating_{_hex(network.uuid)}_ip{version}"


def _hex(uuid):
    return uuid.replace("-", "")
