"""The control plane tool starts real servers, controls their Pods, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _HERE)

from controlplane import Cluster, ClusterError, supervisor, wait_for  # noqa: E402
from controlplane.binaries import binaries  # noqa: E402
from controlplane.ports import is_free  # noqa: E402
from controlplane.process import is_alive, start_time  # noqa: E402
from controlplane.say import QUIET  # noqa: E402
from controlplane.spec import Spec  # noqa: E402

_PROGRAM = os.path.join(_HERE, "cluster")
_STATE = '{"uuid":"u","macAddress":"02:00:00:00:00:01","ipAddress":"%s","gateway":"10.0.255.254"}'


class Remains:
    """The processes, ports and folder of a running cluster, to be checked after its end."""

    def __init__(self, cluster):
        self.folder = cluster.folder
        self.ports = list(cluster.ports.values())
        self.processes = [(pid, start_time(pid))
                          for pid in [*cluster.pids().values(), cluster.supervisor[0]]]

    def found(self):
        """The processes, ports and files that still exist."""
        return ([f"process {pid}" for pid, started in self.processes if is_alive(pid, started)]
                + [f"port {port}" for port in self.ports if not is_free(port)]
                + ([self.folder] if os.path.exists(self.folder) else []))


class LeavesNothing(unittest.TestCase):
    """However a cluster ends, it leaves nothing behind."""

    def setUp(self):
        self.parent = tempfile.TemporaryDirectory()
        self.folder = os.path.join(self.parent.name, "cluster")

    def tearDown(self):
        self.parent.cleanup()

    def assert_nothing_left(self, remains, seconds=30):
        wait_for(lambda: not remains.found(), seconds, f"the end of {remains.found()}")

    def test_down_ends_what_up_started(self):
        subprocess.run([_PROGRAM, "up", "--dir", self.folder], check=True, capture_output=True)
        cluster = Cluster.attach(self.folder)
        self.assertEqual(
            cluster.kubectl("get", "nodes", "-o", "name").split(),
            ["node/k8s-gateway", "node/k8s-node-01", "node/k8s-node-02"])
        self.assertEqual(len(cluster.pids()), 5)
        remains = Remains(cluster)
        self.assertGreater(len(remains.found()), 10)  # proves that the check can fail
        subprocess.run([_PROGRAM, "down", "--dir", self.folder], check=True, capture_output=True)
        self.assertEqual(remains.found(), [])

    def test_real_nodes_join(self):
        """Without simulated nodes, a kubelet's kubeconfig makes its own node and no other."""
        with Cluster.start(self.folder, nodes=[]) as cluster:
            self.assertNotIn("kwok", cluster.pids())
            path = os.path.join(cluster.work_folder(), "kubeconfig")
            cluster.write_node_kubeconfig(path, "node-01", cluster.server)
            for name, ends in (("node-02", "is not allowed to modify"), ("node-01", "created")):
                node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
                done = subprocess.run(
                    [cluster.kubectl_path, f"--kubeconfig={path}", "create", "-f", "-"],
                    input=json.dumps(node), capture_output=True, text=True, check=False)
                self.assertIn(ends, done.stdout + done.stderr)

    def test_a_second_cluster_in_the_same_folder_is_refused(self):
        with Cluster.start(self.folder):
            with self.assertRaisesRegex(ClusterError, "already runs in"):
                Cluster.start(self.folder)

    def run_in_foreground(self):
        """Starts `cluster run` as a process and waits until its cluster is ready."""
        program = subprocess.Popen([_PROGRAM, "run", "--dir", self.folder],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(program.stdout.close)
        while "Ctrl-C" not in program.stdout.readline():
            self.assertIsNone(program.poll())
        return program, Remains(Cluster.attach(self.folder))

    def test_a_stopped_tool_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name):
                program, remains = self.run_in_foreground()
                program.send_signal(number)
                self.assertEqual(program.wait(30), 130)
                self.assertEqual(remains.found(), [])

    def test_a_killed_tool_leaves_nothing(self):
        program, remains = self.run_in_foreground()
        program.kill()
        program.wait()
        self.assert_nothing_left(remains)

    def test_a_tool_killed_during_the_start_leaves_nothing(self):
        program = subprocess.Popen([_PROGRAM, "up", "--dir", self.folder],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        log = os.path.join(self.folder, "logs", "kube-apiserver.log")
        wait_for(lambda: os.path.exists(log), 60, "the start of the API server")
        program.kill()
        program.wait()
        wait_for(lambda: not os.path.exists(self.folder) and not _processes_naming(self.folder),
                 30, "the end of all processes")

    def test_a_killed_supervisor_leaves_only_files(self):
        with self.assertRaisesRegex(ClusterError, "no control plane"):
            Cluster.attach(self.folder)
        cluster = Cluster.start(self.folder)
        remains = Remains(cluster)
        os.kill(cluster.supervisor[0], signal.SIGKILL)
        wait_for(lambda: not _processes_naming(self.folder), 10, "the servers' end")
        cluster.stop()  # removes the files that are left
        self.assert_nothing_left(remains)

    def test_a_dead_server_ends_the_cluster(self):
        cluster = Cluster.start(self.folder)
        remains = Remains(cluster)
        os.kill(cluster.pids()["etcd"], signal.SIGKILL)
        wait_for(lambda: not cluster.is_running(), 30, "the end of the cluster")
        # The logs and the specification of their cluster stay.
        self.assertEqual(sorted(os.listdir(self.folder)), ["logs", "spec.json"])
        with open(os.path.join(self.folder, "logs", "supervisor.log"), encoding="utf-8") as log:
            self.assertIn("etcd ended unexpectedly (killed by SIGKILL)", log.read())
        cluster.stop()
        self.assertEqual(remains.found(), [])


class Starting(unittest.TestCase):
    """Failures before a cluster is ready."""

    def setUp(self):
        self.parent = tempfile.TemporaryDirectory()
        self.folder = os.path.join(self.parent.name, "cluster")

    def tearDown(self):
        self.parent.cleanup()

    def test_a_taken_port_is_named_with_its_owner(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with self.assertRaisesRegex(
                    ClusterError, rf"port {port} for apiserver is taken by .*process {os.getpid()}"):
                Cluster.start(self.folder, ports={"apiserver": port})

    def test_a_requested_port_is_used(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with Cluster.start(self.folder, ports={"apiserver": port}) as cluster:
            self.assertEqual(cluster.server, f"https://127.0.0.1:{port}")

    def test_a_port_lost_to_another_program_is_replaced(self):
        for name in ("etcd", "apiserver", "kwok"):
            with self.subTest(component=name), socket.create_server(("127.0.0.1", 0)) as taken:
                report = _supervise_with_lost_port(self.folder, name, taken.getsockname()[1])
                self.assertTrue(any("trying other ports" in line.get("say", "")
                                    for line in report), report)
                self.assertIn("ready", report[-1])

    def test_a_server_that_fails_shows_its_log_and_keeps_it(self):
        with self.assertRaises(ClusterError) as raised:
            Cluster.start(self.folder, extra={"kube-apiserver": ["--no-such-flag"]})
        self.assertIn("kube-apiserver ended unexpectedly (exit code 1)", str(raised.exception))
        self.assertIn("unknown flag: --no-such-flag", str(raised.exception))
        self.assertIn("kube-apiserver.log", os.listdir(os.path.join(self.folder, "logs")))
        self.assertEqual(_processes_naming(self.folder), [])

    def test_a_start_succeeds_after_a_failed_one(self):
        with self.assertRaises(ClusterError):
            Cluster.start(self.folder, extra={"etcd": ["--no-such-flag"]})
        with Cluster.start(self.folder) as cluster:
            self.assertTrue(cluster.is_running())
        self.assertFalse(os.path.exists(self.folder))


class Pods(unittest.TestCase):
    """The states of Pods, on one cluster."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster.start()
        cls.addClassCleanup(cls.cluster.stop)

    def run_pod(self, name, overrides=None):
        self.cluster.kubectl("run", name, "--image=example.test/image", "--restart=Never",
                             f"--overrides={json.dumps(overrides or {})}")
        self.addCleanup(self.cluster.kubectl, "delete", "pod", name, "--now",
                        "--ignore-not-found", check=False)

    def pod(self, name):
        return self.cluster.api.get(f"/api/v1/namespaces/default/pods/{name}")

    def ready(self, name):
        return next((condition["status"] for condition in self.pod(name)["status"]["conditions"]
                     if condition["type"] == "Ready"), None)

    def annotate(self, name, *annotations):
        self.cluster.kubectl("annotate", "--overwrite", "pod", name, *annotations)

    def give_network(self, name, address):
        self.annotate(name, f"opencontrail.org/pod-state={_STATE % address}")

    def wait_ready(self, name, value):
        wait_for(lambda: self.ready(name) == value, 30, f"{name} Ready={value}")

    def wait_phase(self, name, phase):
        wait_for(lambda: self.pod(name)["status"]["phase"] == phase, 30, f"{name} {phase}")

    def waiting_reason(self, name):
        statuses = self.pod(name)["status"].get("containerStatuses")
        return statuses and statuses[0]["state"].get("waiting", {}).get("reason")

    def test_a_pod_waits_for_its_network_and_takes_its_address(self):
        self.run_pod("waits")
        self.run_pod("reference")
        wait_for(lambda: self.waiting_reason("waits") == "ContainerCreating", 30, "waiting")
        # A Pod that was created later is Ready: the first one had time to become Ready too.
        self.give_network("reference", "10.0.0.8")
        self.wait_ready("reference", "True")
        self.assertEqual(self.ready("waits"), "False")
        self.assertEqual(self.pod("waits")["status"]["phase"], "Pending")
        self.give_network("waits", "10.0.0.9")
        self.wait_ready("waits", "True")
        status = self.pod("waits")["status"]
        self.assertEqual((status["podIP"], status["podIPs"]), ("10.0.0.9", [{"ip": "10.0.0.9"}]))
        self.assertNotEqual(self.pod("waits")["spec"]["nodeName"], "k8s-gateway")

    def test_an_invalid_annotation_gives_no_network(self):
        self.run_pod("broken")
        self.run_pod("reference-2")
        self.annotate("broken", "opencontrail.org/pod-state={not json")
        self.give_network("reference-2", "10.0.0.10")
        self.wait_ready("reference-2", "True")
        self.assertNotEqual(self.ready("broken"), "True")

    def test_a_pod_has_addresses_of_both_families(self):
        self.run_pod("dual")
        self.annotate("dual", 'opencontrail.org/pod-state={"ipAddress":"10.0.0.11",'
                              '"ipAddresses":["10.0.0.11","fd00::11"]}')
        self.wait_ready("dual", "True")
        self.assertEqual([entry["ip"] for entry in self.pod("dual")["status"]["podIPs"]],
                         ["10.0.0.11", "fd00::11"])

    def test_an_annotation_controls_readiness(self):
        self.run_pod("switched")
        self.give_network("switched", "10.0.0.12")
        self.wait_ready("switched", "True")
        for _ in range(2):
            self.annotate("switched", "test.opencontrail.org/ready=false")
            self.wait_ready("switched", "False")
            self.assertEqual(self.pod("switched")["status"]["phase"], "Running")
            self.annotate("switched", "test.opencontrail.org/ready-")
            self.wait_ready("switched", "True")

    def test_an_annotation_ends_a_pod(self):
        for phase in ("Failed", "Succeeded"):
            name = phase.lower()
            self.run_pod(name)
            self.give_network(name, "10.0.0.13")
            self.wait_ready(name, "True")
            self.annotate(name, f"test.opencontrail.org/phase={phase}")
            self.wait_phase(name, phase)
            self.assertEqual(self.ready(name), "False")

    def test_a_host_network_pod_starts_at_once(self):
        self.run_pod("host", {"spec": {"hostNetwork": True}})
        self.wait_ready("host", "True")
        self.assertTrue(self.pod("host")["status"]["podIP"].startswith("198.51.100."))

    def test_an_annotation_delays_a_deletion(self):
        self.run_pod("lingers")
        self.give_network("lingers", "10.0.0.14")
        self.wait_ready("lingers", "True")
        self.annotate("lingers", "test.opencontrail.org/linger=true")
        self.cluster.kubectl("delete", "pod", "lingers", "--wait=false")
        self.assertIn("deletionTimestamp", self.pod("lingers")["metadata"])
        self.annotate("lingers", "test.opencontrail.org/linger-")
        wait_for(lambda: not self.cluster.kubectl("get", "pod", "lingers", "--ignore-not-found"),
                 30, "the end of the Pod")

    def test_a_job_completes_once_its_pod_has_its_network(self):
        self.cluster.kubectl("create", "job", "work", "--image=example.test/image")
        self.addCleanup(self.cluster.kubectl, "delete", "job", "work")
        name = wait_for(lambda: self.cluster.kubectl(
            "get", "pods", "-l", "job-name=work", "-o", "jsonpath={.items[*].metadata.name}"),
            30, "the job's pod")
        wait_for(lambda: self.waiting_reason(name) == "ContainerCreating", 30, "waiting")
        self.give_network(name, "10.0.0.15")
        self.cluster.kubectl("wait", "--for=condition=complete", "job/work", "--timeout=30s")

    def test_endpoints_follow_readiness(self):
        self.run_pod("backend")
        self.cluster.kubectl("expose", "pod", "backend", "--port=80")
        self.addCleanup(self.cluster.kubectl, "delete", "service", "backend")
        self.assertTrue(self.cluster.kubectl("get", "service", "backend", "-o",
                                             "jsonpath={.spec.clusterIP}").startswith("10.254."))
        self.give_network("backend", "10.0.0.16")
        for ready in ("true", "false", "true"):
            self.annotate("backend", f"test.opencontrail.org/ready={ready}")
            wait_for(lambda want=ready: self.cluster.kubectl(
                "get", "endpointslices", "-l", "kubernetes.io/service-name=backend", "-o",
                "jsonpath={.items[*].endpoints[*].conditions.ready}") == want,
                30, f"an endpoint ready={ready}")


class AtOnce(unittest.TestCase):
    """With the stage `at-once`, Pods start without a network."""

    def test_a_pod_needs_no_network(self):
        with Cluster.start(stages=["at-once"]) as cluster:
            cluster.kubectl("run", "plain", "--image=example.test/image")
            cluster.kubectl("wait", "--for=condition=ready", "pod/plain", "--timeout=30s")
            self.assertTrue(cluster.kubectl("get", "pod", "plain", "-o",
                                            "jsonpath={.status.podIP}").startswith("10.128."))


class Identities(unittest.TestCase):
    """Permissions of accounts, and servers that stop."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster.start(nodes=["one"], service_range="10.9.0.0/16")
        cls.addClassCleanup(cls.cluster.stop)

    def as_account(self, kubeconfig, *arguments):
        return subprocess.run([self.cluster.kubectl_path, f"--kubeconfig={kubeconfig}", *arguments],
                              capture_output=True, text=True, check=False)

    def test_a_service_account_has_its_rbac_permissions(self):
        self.cluster.kubectl("create", "serviceaccount", "reader", "-n", "kube-system")
        self.cluster.kubectl("create", "clusterrole", "reader", "--verb=list", "--resource=pods")
        self.cluster.kubectl("create", "clusterrolebinding", "reader", "--clusterrole=reader",
                             "--serviceaccount=kube-system:reader")
        with tempfile.TemporaryDirectory() as folder:
            for token_file in (None, os.path.join(folder, "token")):
                path = os.path.join(folder, "kubeconfig")
                self.cluster.write_account_kubeconfig(path, "kube-system", "reader",
                                                      token_file=token_file)
                self.assertEqual(self.as_account(path, "get", "pods").returncode, 0)
                refused = self.as_account(path, "get", "services")
                self.assertIn("cannot list resource \"services\"", refused.stderr)

    def test_a_client_certificate_is_an_administrator(self):
        done = self.as_account(self.cluster.certificate_kubeconfig, "auth", "whoami", "-o",
                               "jsonpath={.status.userInfo.username}")
        self.assertEqual(done.stdout, "admin-certificate")

    def test_services_have_the_requested_range(self):
        self.assertEqual(self.cluster.kubectl("get", "service", "kubernetes", "-o",
                                              "jsonpath={.spec.clusterIP}"), "10.9.0.1")

    def test_the_api_server_can_be_restarted(self):
        self.cluster.stop_component("kube-apiserver", kill=True)
        with self.assertRaises(OSError):
            self.cluster.api.get("/readyz")
        self.cluster.start_component("kube-apiserver")
        wait_for(lambda: "k8s-" not in self.cluster.kubectl("get", "nodes", check=False)
                 and "one" in self.cluster.kubectl("get", "nodes", check=False), 60, "the nodes")
        with self.assertRaisesRegex(ClusterError, "no component nothing"):
            self.cluster.stop_component("nothing")


def _supervise_with_lost_port(folder, name, port):
    """Runs a supervisor that takes the occupied `port` for free, once, for the server `name`.
    Returns its report until its cluster was ready, and ends it."""
    os.mkdir(folder)
    spec = Spec(folder, binaries(QUIET), made_folder=True,
                owner=[os.getpid(), start_time(os.getpid())])
    choose = supervisor.choose_ports
    attempts = []

    def choose_badly(requested):
        attempts.append(name)
        return {**choose(requested), **({name: port} if len(attempts) == 1 else {})}

    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        supervisor.choose_ports = choose_badly
        os._exit(supervisor.Supervisor(spec, write_end).run())
    os.close(write_end)
    with open(read_end, encoding="utf-8") as report:
        lines = [json.loads(line) for line in report]
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    return lines


def _processes_naming(text):
    """The ids of the processes with `text` in their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as command:
                if text.encode() in command.read():
                    found.append(int(pid))
        except OSError:
            continue
    return found


if __name__ == "__main__":
    unittest.main()
