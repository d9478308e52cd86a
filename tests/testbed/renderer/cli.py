"""The command line: `config-to-ovn --help`."""

import argparse
import contextlib
import signal
import sys
from ipaddress import ip_address, ip_interface

from .gateway import Gateway
from .nodes import PORT, Nodes
from .reader import Reader, ReadError

_DESCRIPTION = """\
Programs OVN's northbound database from the objects of a config API (OpenSDN, OpenContrail).

Networks, policies, interfaces and floating IPs become port groups, ACLs, switch ports and load
balancers. Only rows that this program has made are changed. It reads the config API with GET
requests only, and prints what it changed and what OVN cannot express."""

_EPILOG = """\
examples:
  config-to-ovn --config-api http://127.0.0.1:8082 --northbound unix:/run/ovn/ovnnb_db.sock
  config-to-ovn … --once                     # one pass; exit code 1 if it fails
  config-to-ovn … --public-network default-domain:default-project:Public \\
      --gateway-chassis gateway --gateway-address 198.51.100.1/24 --next-hop 198.51.100.254"""


def main(argv):
    """Runs until Ctrl-C or SIGTERM, or once; returns the exit code."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    outside, own = _gateway(parser, arguments), _nodes(parser, arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    # Not before --help and mistakes in arguments: it needs a package.
    from .service import NorthboundError, Service
    try:
        service = Service(Reader(arguments.config_api), arguments.northbound, outside,
                          tuple(arguments.public_network), at_once=arguments.once, own=own)
        with contextlib.closing(service):
            if arguments.once:
                service.one_pass()
            else:
                service.run(arguments.interval)
        return 0
    except (ReadError, NorthboundError) as error:
        print(f"config-to-ovn: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _interrupt(_number, _frame):
    raise KeyboardInterrupt


def _gateway(parser, arguments):
    if not arguments.gateway_chassis:
        if arguments.gateway_address or arguments.next_hop:
            parser.error("--gateway-address and --next-hop need --gateway-chassis")
        return None
    if not arguments.gateway_address:
        parser.error("--gateway-chassis needs --gateway-address")
    return Gateway(arguments.gateway_chassis, tuple(arguments.gateway_address),
                   arguments.physical_network, tuple(arguments.next_hop))


def _nodes(parser, arguments):
    if not arguments.node_address:
        if arguments.link_local_service:
            parser.error("--link-local-service needs --node-address")
        return None
    return Nodes(arguments.node_address, tuple(arguments.link_local_service))


def _service(text):
    address, _, port = text.rpartition(":")
    if not 0 < int(port) < 65536:
        raise ValueError
    return ip_address(address), int(port)


def _seconds(text):
    value = float(text)
    if not 0.1 <= value <= 3600:
        raise ValueError
    return value


def _parser():
    parser = argparse.ArgumentParser(
        prog="config-to-ovn", description=_DESCRIPTION, epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config-api", required=True, metavar="URL", help="http://HOST:PORT")
    parser.add_argument("--northbound", required=True, metavar="REMOTE",
                        help="the database's socket, unix:PATH")
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--once", action="store_true", help="one pass, then exit")
    when.add_argument("--interval", type=_seconds, default=0.5, metavar="SECONDS",
                      help="read the config API this often (default: %(default)s); a change of "
                      "the database starts a pass at once")
    gateway = parser.add_argument_group(
        "the gateway", "A router has this configuration of its own: the config API does not "
        "hold it.")
    gateway.add_argument("--public-network", action="append", default=[], metavar="FQ_NAME",
                         help="a network that the gateway connects with the outside: its floating "
                         "IPs are reachable from there (repeatable)")
    gateway.add_argument("--gateway-chassis", metavar="NAME",
                         help="system-id of the Open vSwitch that is the gateway")
    gateway.add_argument("--gateway-address", action="append", default=[], type=ip_interface,
                         metavar="CIDR", help="the router's own address outside, one for each "
                         "family (repeatable)")
    gateway.add_argument("--next-hop", action="append", default=[], type=ip_address,
                         metavar="ADDRESS", help="default route of the router (repeatable)")
    gateway.add_argument("--physical-network", default="outside", metavar="NAME",
                         help="its name in ovn-bridge-mappings of the gateway (default: "
                         "%(default)s)")
    nodes = parser.add_argument_group(
        "the nodes", "Each node is a part of the overlay itself, as with a vRouter: by a port of "
        f"its switch with the iface-id {PORT}. It reaches its own Pods, and they reach its "
        "link-local services.")
    nodes.add_argument("--node-address", type=ip_interface, metavar="CIDR",
                       help="the address that each node has there, such as 169.254.1.1/24; the "
                       "last usable address of the range is the router's")
    nodes.add_argument("--link-local-service", action="append", default=[], type=_service,
                       metavar="ADDRESS:PORT", help="an address at which all Pods reach the "
                       "same TCP port of their node's address (repeatable)")
    return parser
