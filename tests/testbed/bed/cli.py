"""The command line: `packets --help`."""

import argparse
import contextlib
import os
import sys
import time

from controlplane.say import Progress
from layout import leftovers
from layout.addresses import NODES
from layout.errors import LayoutError
from matrix.attempts import SECONDS
from matrix.matrix import Matrix
from matrix.table import table
from matrix.tiers import tiers
from nodes import leftovers as node_leftovers

from demo_steps.interrupts import Interrupts, Stopped

from . import walk_report
from .advice import external, to_try
from .container_testbed import ContainerTestbed
from .deployed_testbed import DeployedTestbed
from .front_door import FrontDoor
from .testbed import FAILURES, ROOT, Testbed

_DESCRIPTION = """\
An application on a real Kubernetes control plane and on a real network of Open vSwitch and OVN:
its Pods are network namespaces on three machines, and the controller's labels decide what their
packets do.

It starts everything, waits until all is in sync, tries all connections (see probe --help), prints
the matrix and stays until Ctrl-C. It needs root, and leaves nothing behind."""

_EPILOG = """\
examples:
  tests/testbed/packets                       # guestbook-go; stays until Ctrl-C
  tests/testbed/packets --once                # exit code 1 if packets and labels differ
  tests/testbed/packets --app examples/shop --once
  tests/testbed/packets --containers          # real kubelets; builds them at the first start
  tests/testbed/packets --real --nodes 3      # what `make testbed` runs
  tests/testbed/packets clean                 # remains of killed runs, if there are any"""


def main(argv):
    """Runs the testbed; the exit code."""
    arguments = _arguments(argv)
    if arguments.command == "clean":
        said = [*leftovers.clean(), *node_leftovers.clean()]
        print("\n".join(said) or "nothing is left of any testbed")
        return 0
    if arguments.command == "check":
        return _check()
    interrupts = Interrupts()
    kind = (DeployedTestbed if arguments.real else
            ContainerTestbed if arguments.containers else Testbed)
    testbed = kind(Progress(sys.stdout), arguments.dual_stack, arguments.nodes)
    try:
        testbed.start()
        return _play(testbed, arguments)
    except (Stopped, BrokenPipeError):
        with contextlib.suppress(OSError):  # where the output is not read any more
            print("\nStopping", flush=True)
        return 0
    except FAILURES as error:
        print(f"\npackets: {error}", file=sys.stderr)
        return 2
    finally:
        interrupts.ignore()
        testbed.close()


def _check():
    try:
        DeployedTestbed.check_machine()
    except LayoutError as error:
        print(f"packets: {error}", file=sys.stderr)
        return 2
    return 0


def _play(testbed, arguments):
    testbed.apply(arguments.app)
    testbed.sync()
    matrix = Matrix(testbed.running, arguments.time_limit)
    testbed.check()  # without a switch no packet is answered, also where labels allow it
    print(f"\n{table(matrix.expected, matrix.outcomes, matrix.differences)}", flush=True)
    if arguments.real:
        parts = [*walk_report.sections(testbed),
                 ("Tiers: what the labels say, and what packets did", tiers(matrix))]
        print("".join(f"\n{title}\n" + "\n".join(lines) + "\n" for title, lines in parts),
              flush=True)
    if arguments.once:
        if matrix.differences:
            print(f"The logs are in {testbed.layout.folder.keep_logs()}", flush=True)
        return 1 if matrix.differences else 0
    print(to_try(testbed, _front_door(testbed)), flush=True)
    while True:
        testbed.check()
        testbed.follow()
        time.sleep(0.5)


def _front_door(testbed):
    """To the first external address; None if there is none."""
    found = next(iter(external(testbed.cluster.api)), None)
    return found and testbed.stack.enter_context(contextlib.closing(
        FrontDoor(testbed.layout, *found)))


def _arguments(argv):
    parser = argparse.ArgumentParser(prog="packets", description=_DESCRIPTION, epilog=_EPILOG,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="?", choices=["run", "clean", "check"],
                        default="run", help="clean: only removes what killed runs have left; "
                        "check: only says what this machine lacks for --real")
    parser.add_argument("--app", metavar="DIR", help="a folder for `kubectl apply -f` "
                        "(default: examples/guestbook-go)",
                        default=os.path.join(ROOT, "examples", "guestbook-go"))
    parser.add_argument("--once", action="store_true", help="end after the matrix")
    parser.add_argument("--containers", action="store_true",
                        help="real kubelets run the Pods as containers, which bin/contrail-cni "
                        "connects; by default kwok plays the nodes")
    parser.add_argument("--real", action="store_true",
                        help="as --containers, and the controller is a Deployment, CoreDNS the "
                        "cluster's DNS, and guestbook-go and Redis are the real programs; ends "
                        "with a report of it all")
    parser.add_argument("--nodes", type=int, default=2, choices=range(1, len(NODES) + 1),
                        metavar="N", help=f"1 to {len(NODES)} (default: %(default)s)")
    parser.add_argument("--dual-stack", action="store_true",
                        help="Pods and the outside have IPv6 addresses too; Services as they ask")
    parser.add_argument("--time-limit", type=float, default=SECONDS, metavar="SECONDS",
                        help="without an answer for this long a connection counts as closed "
                        "(default: %(default)s)")
    arguments = parser.parse_args(argv)
    if arguments.real and arguments.dual_stack:
        parser.error("--real has IPv4 only: manifests/config.yaml has one range of each kind")
    if not os.path.isdir(arguments.app):
        parser.error(f"{arguments.app} is not a folder")
    return arguments
