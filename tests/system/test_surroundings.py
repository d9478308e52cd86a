"""Signals, closed streams, few file descriptors and idle clients do not stop the program.
Neither API exists."""

import contextlib
import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import tempfile
import unittest

from rig import BIN, call, eventually, free_port

from controlplane.process import die_with_parent  # noqa: E402  (rig has set the path)


class Surroundings(unittest.TestCase):
    """Each test starts one program."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.http_port = free_port()
        self.state_port = free_port(avoid=[self.http_port])
        self.kube_port = free_port(avoid=[self.http_port, self.state_port])
        self.config = os.path.join(folder.name, "config.yaml")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"api-server: 127.0.0.1\napi-port: 9\nlisten-http: 127.0.0.1:{self.http_port}\n"
                       f"listen-state: 127.0.0.1:{self.state_port}\n")
        self.kubeconfig = os.path.join(folder.name, "kubeconfig")
        with open(self.kubeconfig, "w", encoding="utf-8") as file:
            json.dump({"apiVersion": "v1", "kind": "Config", "current-context": "c",
                       "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.kube_port}"}}],
                       "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                       "users": [{"name": "u", "user": {}}]}, file)
        self.log = os.path.join(folder.name, "log")

    def start(self, prepare=lambda: None, stderr=None, options=()):
        """Starts the program and waits until it answers. `prepare` is called in its process
        before it starts."""
        program = self.launch(prepare, stderr, options)
        eventually(lambda: call(f"http://127.0.0.1:{self.http_port}/livez")[0] == 200, self.output)
        return program

    def launch(self, prepare=lambda: None, stderr=None, options=()):
        """Starts the program."""
        here = os.getpid()

        def begin():
            die_with_parent(here)
            prepare()

        with open(self.log, "ab") as log:
            program = subprocess.Popen(
                [os.path.join(BIN, "kube-network-manager"), "run", "--config", self.config, "--kubeconfig", self.kubeconfig,
                 *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log if stderr is None else stderr, preexec_fn=begin)

        def end():
            program.kill()
            program.wait()

        self.addCleanup(end)
        return program

    def output(self):
        """The log so far."""
        with open(self.log, encoding="utf-8", errors="replace") as text:
            return text.read()

    def lives(self, program):
        """Asserts that the process still runs and answers."""
        self.assertIsNone(program.poll(), self.output())
        self.assertEqual(call(f"http://127.0.0.1:{self.http_port}/livez")[0], 200)

    def test_signals_do_not_end_the_program(self):
        program = self.start()
        for number in (signal.SIGHUP, signal.SIGUSR2, signal.SIGPIPE, signal.SIGXFSZ):
            program.send_signal(number)
        eventually(lambda: "signal=SIGHUP" in self.output() and "signal=SIGUSR2" in self.output(), self.output)
        program.send_signal(signal.SIGUSR1)
        eventually(lambda: "debug lines enabled" in self.output(), self.output)
        program.send_signal(signal.SIGUSR1)
        eventually(lambda: "debug lines disabled" in self.output(), self.output)
        self.lives(program)
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(timeout=30), 0)
        self.assertIn("stopped", self.output().splitlines()[-1])

    def test_a_signal_during_the_start_ends_the_program(self):
        for number in range(1, 21):
            program = self.launch()
            while self.output().count("starting ") < number:
                self.assertIsNone(program.poll(), self.output())
            program.send_signal(signal.SIGHUP)
            program.send_signal(signal.SIGTERM)
            self.assertEqual(program.wait(timeout=30), 0, self.output())

    def core_limits(self, program):
        """The soft and the hard limit of core files of the process."""
        with open(f"/proc/{program.pid}/limits", encoding="ascii") as limits:
            return next(line for line in limits if line.startswith("Max core file size")).split()[4:6]

    def test_a_crash_leaves_no_core_file(self):
        """Secrets are in memory. The limit before the start is none."""
        def unlimited():
            os.chdir(os.path.dirname(self.log))
            resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

        program = self.start(unlimited)
        self.assertEqual(self.core_limits(program), ["0", "0"])
        program.send_signal(signal.SIGABRT)
        end = os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)
        self.assertEqual((end.si_code, end.si_status), (os.CLD_KILLED, signal.SIGABRT), "not CLD_DUMPED")
        program.wait(timeout=30)

        program = self.start(unlimited, options=["--core-files"])
        self.assertEqual(self.core_limits(program), ["unlimited", "unlimited"])
        self.assertIn("core files and debuggers are permitted", self.output())

    def test_closed_standard_streams_are_replaced(self):
        program = self.start(prepare=lambda: [os.close(stream) for stream in (0, 1, 2)])
        open_files = [os.readlink(f"/proc/{program.pid}/fd/{stream}") for stream in (0, 1, 2)]
        self.assertEqual(open_files, ["/dev/null"] * 3)
        self.lives(program)

    def test_a_log_without_a_reader_does_not_stop_the_program(self):
        reader, writer = os.pipe()
        os.close(reader)
        program = self.start(stderr=writer)
        os.close(writer)
        program.send_signal(signal.SIGHUP)
        self.lives(program)
        _, text = call(f"http://127.0.0.1:{self.http_port}/metrics")
        self.assertRegex(text, r"\nknm_log_lines_lost_total [1-9]")

    def test_a_full_log_pipe_does_not_stop_the_program(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        flags = fcntl.fcntl(writer, fcntl.F_GETFL)
        fcntl.fcntl(writer, fcntl.F_SETFL, flags | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(writer, b"x")
        fcntl.fcntl(writer, fcntl.F_SETFL, flags)
        program = self.start(stderr=writer)
        os.close(writer)
        program.send_signal(signal.SIGHUP)
        self.lives(program)
        program.send_signal(signal.SIGTERM)
        self.assertEqual(program.wait(timeout=30), 0)

    def test_idle_clients_leave_descriptors_for_the_apis(self):
        program = self.start(prepare=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
        clients = [socket.create_connection(("127.0.0.1", port)) for port in (self.http_port, self.state_port)
                   for _ in range(60)]
        for client in clients:
            self.addCleanup(client.close)
        self.lives(program)
        # The API server starts, and all four watches connect to it.
        with socket.create_server(("127.0.0.1", self.kube_port)) as server:
            server.settimeout(60)
            asked = [server.accept()[0] for _ in range(4)]
            for connection in asked:
                self.assertTrue(connection.recv(1))
                connection.close()
        self.lives(program)
        self.assertEqual(call(f"http://127.0.0.1:{self.state_port}/state")[0], 200)

    def test_the_state_is_served_on_its_own_port(self):
        self.start()
        status, text = call(f"http://127.0.0.1:{self.http_port}/state")
        self.assertEqual(status, 404)
        self.assertIn(f"127.0.0.1:{self.state_port}", text)
        self.assertIn("listen-state", text)
        status, state = call(f"http://127.0.0.1:{self.state_port}/state?full")
        self.assertEqual((status, state["controller"]["phase"]), (200, "waiting for Kubernetes"))
        self.assertEqual(call(f"http://127.0.0.1:{self.state_port}/metrics")[0], 404)
        report = subprocess.run([os.path.join(BIN, "kube-network-manager"), "report", "--server",
                                 f"http://127.0.0.1:{self.state_port}"], capture_output=True, text=True, check=True).stdout
        self.assertIn("waiting for Kubernetes", report)


if __name__ == "__main__":
    unittest.main()
