"""The command line: `probe --help`."""

import argparse
import os
import sys
import time

from controlplane import ClusterError
from controlplane.api import ApiError

from .attempts import SECONDS
from .matrix import Matrix
from .running import NoTestbed, Running, find
from .table import as_json, table

_DESCRIPTION = """\
Tries the connections of a running testbed with real packets, and compares what happens with what
the labels say.

From each Pod: to each other Pod (its ports, and ICMP), to each Service address and external
address, and to the outside. From the outside: to each external address, Service address and Pod.
TCP and UDP, IPv4 and IPv6 where both ends have them. What the labels say is computed from Pods,
Services, EndpointSlices and Namespaces alone: the config API is not asked.

The exit code is 0 if packets and labels agree, 1 if not, 2 if nothing could be tried."""

_EPILOG = """\
examples:
  tests/testbed/packets &                     # a testbed
  tests/testbed/probe                         # the matrix as a table
  tests/testbed/probe --within 30             # after a change of labels
  tests/testbed/probe --json | jq '.connections[] | select(.agrees | not)'"""


def main(argv):
    """Runs the probe; the exit code."""
    parser = argparse.ArgumentParser(prog="probe", description=_DESCRIPTION, epilog=_EPILOG,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--testbed", metavar="DIR",
                        help="the folder of the testbed (default: the only one that runs)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, no table")
    parser.add_argument("--time-limit", type=float, default=SECONDS, metavar="SECONDS",
                        help="without an answer for this long a connection counts as closed "
                        "(default: %(default)s)")
    parser.add_argument("--within", type=float, default=0, metavar="SECONDS",
                        help="after a change: try again until packets and labels agree, for this "
                        "long (default: once)")
    arguments = parser.parse_args(argv)
    text = as_json if arguments.json else table
    try:
        if os.geteuid():
            raise NoTestbed("root is needed: the connections are made inside of namespaces")
        matrix = _agreeing(Running(arguments.testbed or find()), arguments)
    except (NoTestbed, ClusterError, ApiError, OSError) as error:
        print(f"probe: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(text(matrix.expected, matrix.outcomes, matrix.differences))
    return 1 if matrix.differences else 0


def _agreeing(running, arguments):
    """The first Matrix without a difference, or the last within the time."""
    end = time.monotonic() + arguments.within
    while True:
        matrix = None
        try:
            matrix = Matrix(running, arguments.time_limit)
        except NoTestbed:
            if time.monotonic() >= end:
                raise
            time.sleep(0.5)
        if matrix and (not matrix.differences or time.monotonic() >= end):
            return matrix
