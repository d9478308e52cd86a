"""The command line of the control plane: `cluster --help`."""

import argparse
import json
import os
import signal
import subprocess
import sys

from . import gotoolchain
from .binaries import OPTIONAL, binaries, needed_go
from .cluster import Cluster, ClusterError, clean_up
from .say import Progress
from .spec import DEFAULT_NODES, STAGES

_DEFAULT_DIR = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))), "build", "control-plane")


def main(argv):
    """Runs one command and returns its exit code."""
    if argv[:1] == ["_supervise"]:
        from .supervisor import main as supervise
        return supervise(int(argv[1]))
    arguments = _parser().parse_args(argv)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        return arguments.command(arguments)
    except (ClusterError, gotoolchain.NoGo, RuntimeError, OSError) as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _interrupt(_number, _frame):
    raise KeyboardInterrupt


def _build(arguments):
    folder = binaries(Progress(), arguments.optional)
    if not arguments.quiet:
        print(folder)
    return 0


def _go(arguments):
    go = gotoolchain.find_any() if arguments.any else needed_go(None if arguments.check else Progress())
    if go:
        print(go)
    return 0 if go else 1


def _up(arguments):
    cluster = _start(arguments, owned=arguments.owner is not None, owner=arguments.owner)
    _print_summary(cluster)
    return 0


def _run(arguments):
    with _start(arguments, owned=True) as cluster:
        if not arguments.program:
            _print_summary(cluster)
            print("Running until Ctrl-C.", flush=True)
            while cluster.is_running():
                signal.sigtimedwait([signal.SIGUSR1], 0.5)
            raise ClusterError(f"the control plane ended by itself; its logs are in {cluster.logs}")
        program = arguments.program[1:] if arguments.program[0] == "--" else arguments.program
        path = f"{os.path.dirname(cluster.kubectl_path)}:{os.environ.get('PATH', '')}"
        environment = dict(os.environ, KUBECONFIG=cluster.kubeconfig, PATH=path)
        return subprocess.run(program, env=environment, check=False).returncode


def _start(arguments, **options):
    return Cluster.start(
        arguments.dir, say=Progress(), service_range=arguments.service_cluster_ip_range,
        nodes=list(filter(None, arguments.nodes.split(","))), stages=arguments.stages.split(","),
        ports=dict(arguments.port), extra=_extra(arguments.extra), **options)


def _extra(pairs):
    extra = {}
    for component, argument in pairs:
        extra.setdefault(component, []).append(argument)
    return extra


def _down(arguments):
    try:
        Cluster.attach(arguments.dir).stop()
    except ClusterError as error:
        remains = clean_up(os.path.abspath(arguments.dir))
        print(f"{error}; removed what one that was killed had left there" if remains else error)
    return 0


def _status(arguments):
    cluster = Cluster.attach(arguments.dir)
    print(json.dumps({"server": cluster.server, "kubeconfig": cluster.kubeconfig,
                      "ports": cluster.ports, "supervisor": cluster.supervisor[0],
                      "pids": cluster.pids(), "logs": cluster.logs}, indent=2))
    return 0


def _kubeconfig(arguments):
    cluster = Cluster.attach(arguments.dir)
    if not arguments.account:
        print(cluster.kubeconfig)
        return 0
    namespace, _, account = arguments.account.partition("/")
    path = arguments.output or os.path.join(arguments.dir, "home", f"{account}.kubeconfig")
    cluster.write_account_kubeconfig(path, namespace, account)
    print(path)
    return 0


def _component(arguments):
    cluster = Cluster.attach(arguments.dir)
    if arguments.verb == "start":
        cluster.start_component(arguments.component)
    else:
        cluster.stop_component(arguments.component, kill=arguments.verb == "kill")
    return 0


def _print_summary(cluster):
    print(f"Kubernetes is ready at {cluster.server}\n"
          f"  export KUBECONFIG={cluster.kubeconfig}\n"
          f"  {cluster.kubectl_path} get nodes", flush=True)


def _named_port(text):
    name, equals, port = text.partition("=")
    if not equals:
        name, port = "apiserver", text
    if name not in ("etcd", "etcd-peer", "apiserver", "kwok") or not port.isdigit():
        raise argparse.ArgumentTypeError(
            f"{text!r} is not PORT or NAME=PORT with NAME one of etcd, etcd-peer, apiserver, kwok")
    return name, int(port)


def _extra_argument(text):
    component, equals, argument = text.partition("=")
    if not equals or not argument.startswith("-"):
        raise argparse.ArgumentTypeError(f"{text!r} is not COMPONENT=--FLAG[=VALUE]")
    return component, argument


def _parser():
    parser = argparse.ArgumentParser(
        prog="cluster", description="A real Kubernetes control plane on 127.0.0.1: etcd, "
        "kube-apiserver, kube-controller-manager, kube-scheduler, with kwok as the nodes.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name, function, text):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(command=function)
        return command

    def add_dir(command, default=_DEFAULT_DIR):
        shown = default and os.path.relpath(default) or "a new temporary folder"
        command.add_argument("--dir", default=default, help=f"its folder (default: {shown})")

    def add_parameters(command):
        command.add_argument("--service-cluster-ip-range", default="10.254.0.0/16", metavar="CIDR")
        command.add_argument("--nodes", default=",".join(DEFAULT_NODES), metavar="NAME[=ROLE],...",
                             help="simulated nodes; one with a role takes no ordinary "
                             "pods; empty: none (default: %(default)s)")
        command.add_argument("--stages", default="network", metavar="NAME|FILE,...",
                             help=f"how pods live: {', '.join(STAGES)}, or kwok stage files "
                             "(default: %(default)s)")
        command.add_argument("--port", action="append", type=_named_port, default=[],
                             metavar="[NAME=]PORT", help="a fixed port (default: free ones)")
        command.add_argument("--extra", action="append", type=_extra_argument, default=[],
                             metavar="COMPONENT=--FLAG", help="one more argument of a component")

    build = add("build", _build, "build the programs if need be and print their folder")
    build.add_argument("--with", dest="optional", action="append", default=[], choices=OPTIONAL,
                       metavar="PROGRAM", help=f"one more program: {', '.join(OPTIONAL)}")
    build.add_argument("--quiet", action="store_true", help="do not print it")
    go = add("go", _go, "print the Go that builds the programs, fetched first if need be")
    go.add_argument("--check", action="store_true", help="fetch nothing: fail if one is needed")
    go.add_argument("--any", action="store_true", help="of whatever version; fail if there is none")
    up = add("up", _up, "start a cluster and return when pods can run")
    add_dir(up)
    add_parameters(up)
    up.add_argument("--owner", type=int, metavar="PID", help="end when this process ends")
    run = add("run", _run, "start a cluster, run PROGRAM with its KUBECONFIG (or wait for "
              "Ctrl-C), stop the cluster")
    add_dir(run, None)
    add_parameters(run)
    run.add_argument("program", nargs=argparse.REMAINDER, metavar="PROGRAM")
    add_dir(add("down", _down, "stop the cluster; leaves nothing behind"))
    add_dir(add("status", _status, "print ports, process ids and paths as JSON"))
    account = add("kubeconfig", _kubeconfig, "print the path of a kubeconfig")
    add_dir(account)
    account.add_argument("--account", metavar="NAMESPACE/NAME", help="write one for a ServiceAccount")
    account.add_argument("--output", metavar="FILE", help="where to write it")
    component = add("component", _component, "stop, kill or start one server (to test failure)")
    add_dir(component)
    component.add_argument("verb", choices=["stop", "kill", "start"])
    component.add_argument("component")
    return parser
