"""The servers of a cluster: their command lines, in starting order."""

import dataclasses
import os

from .ports import free_port, is_free, port_owner

# The API server's advertised address. Endpoints refuse a loopback address.
_ADVERTISED = "198.51.100.1"


@dataclasses.dataclass
class Component:
    """The name and the command line of one server."""

    name: str
    argv: list
    ports: list  # names of the ports that it listens on
    home: str  # its HOME and working folder, so that it writes nowhere else


class PortTaken(Exception):
    """Another server has a requested port."""


def choose_ports(preferred):
    """The ports of all servers: the `preferred` ones, and free ones for the others."""
    chosen = {}
    for name in ("etcd", "etcd-peer", "apiserver", "kwok"):
        port = preferred.get(name)
        if port is None:
            port = free_port(avoid=chosen.values())
        elif not is_free(port):
            raise PortTaken(f"port {port} for {name} is taken by {port_owner(port)}: "
                            f"stop that program, or give another port with --port {name}=PORT")
        chosen[name] = port
    return chosen


def components(spec, ports):
    """All servers of a cluster at `ports`, in starting order. Without simulated nodes there is no
    kwok, which would take real ones for its own."""
    made = [_etcd(spec, ports), api_server(spec, ports), _controller_manager(spec),
            _scheduler(spec)]
    if spec.nodes:
        made.append(_kwok(spec, ports))
    for component in made:
        component.argv += spec.extra.get(component.name, [])
    return made


def _component(spec, name, *arguments, ports=()):
    return Component(name, [os.path.join(spec.binaries, name), *arguments], list(ports),
                     spec.path("home", name))


def _etcd(spec, ports):
    client = f"http://127.0.0.1:{ports['etcd']}"
    peer = f"http://127.0.0.1:{ports['etcd-peer']}"
    return _component(
        spec, "etcd", "--data-dir", spec.path("etcd"),
        f"--listen-client-urls={client}", f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",  # the data is not needed after a crash
        "--log-level=warn", ports=["etcd", "etcd-peer"])


def api_server(spec, ports):
    """The API server at the port `apiserver`, on the etcd at the port `etcd`."""
    pki = spec.path("pki")
    return _component(
        spec, "kube-apiserver", f"--etcd-servers=http://127.0.0.1:{ports['etcd']}",
        "--bind-address=127.0.0.1", f"--secure-port={ports['apiserver']}",
        f"--advertise-address={_ADVERTISED}", f"--cert-dir={pki}",
        f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key",
        f"--client-ca-file={pki}/ca.crt", f"--token-auth-file={pki}/tokens.csv",
        # As kubeadm sets it up: a node reads and writes its own objects only.
        "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
        # For logs and exec of real nodes.
        f"--kubelet-client-certificate={pki}/admin.crt", f"--kubelet-client-key={pki}/admin.key",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki}/sa.pub",
        f"--service-account-signing-key-file={pki}/sa.key",
        f"--service-cluster-ip-range={spec.service_range}", ports=["apiserver"])


def _controller_manager(spec):
    return _component(
        spec, "kube-controller-manager", f"--kubeconfig={spec.path('controller-manager.kubeconfig')}",
        f"--service-account-private-key-file={spec.path('pki', 'sa.key')}",
        f"--root-ca-file={spec.path('pki', 'ca.crt')}",
        f"--service-cluster-ip-range={spec.service_range}",
        "--use-service-account-credentials", "--leader-elect=false", "--secure-port=0",
        # Heartbeats that are late because the machine is busy must not evict Pods.
        "--node-monitor-grace-period=30m",
        "--kube-api-qps=200", "--kube-api-burst=400")


def _scheduler(spec):
    return _component(
        spec, "kube-scheduler", f"--kubeconfig={spec.path('scheduler.kubeconfig')}",
        "--leader-elect=false", "--secure-port=0", "--kube-api-qps=200", "--kube-api-burst=400")


def _kwok(spec, ports):
    stages = [argument for path in spec.stage_files() for argument in ("-c", path)]
    return _component(
        spec, "kwok", f"--kubeconfig={spec.path('kwok.kubeconfig')}", "--manage-all-nodes",
        "--cidr=10.128.0.0/16", "--node-ip=198.51.100.2",
        f"--server-address=127.0.0.1:{ports['kwok']}", *stages, ports=["kwok"])
