"""The command line: `load-client --help`."""

import argparse
import signal
from ipaddress import ip_address

from matrix.attempts import SECONDS
from matrix.flow import Flow
from matrix.inside import allow_many_sockets, inside

from .client import Client

_DESCRIPTION = """\
Sends requests from a network namespace to a TCP address all the time, over new connections and
over one that is kept, and writes a line for each: [kind, begun, ended, outcome, who answered,
segments sent again]. Times are those of the machine's monotonic clock. SIGTERM ends it."""


def main(argv):
    """Runs the client; the exit code."""
    parser = argparse.ArgumentParser(prog="load-client", description=_DESCRIPTION,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("namespace", help="path of the namespace")
    parser.add_argument("address", type=ip_address)
    parser.add_argument("port", type=int)
    parser.add_argument("--every", type=float, default=0.02, metavar="SECONDS",
                        help="from one request to the next (default: %(default)s)")
    parser.add_argument("--time-limit", type=float, default=SECONDS, metavar="SECONDS",
                        help="without an answer for this long a request has failed (default: "
                        "%(default)s)")
    parser.add_argument("--output", required=True, metavar="FILE")
    arguments = parser.parse_args(argv)
    allow_many_sockets()
    flow = Flow("", "", "tcp", arguments.address, arguments.port)
    with open(arguments.output, "w", buffering=1, encoding="utf-8") as out, \
            inside(arguments.namespace):
        client = Client(flow, arguments.every, arguments.time_limit,
                        lambda record: out.write(record.line()))
        signal.signal(signal.SIGTERM, lambda *_: client.end())
        client.run()
    return 0
