"""Invalid configuration and servers that send garbage: the controller reports the error, loses
nothing and does not crash."""

import http.server
import os
import subprocess
import threading
import unittest

from rig import BIN, SystemTest, eventually

MANAGER = os.path.join(BIN, "kube-network-manager")


class Garbage:
    """A server that answers every request with garbage under status 200."""

    def __init__(self, body=b"\x00\xffnot what you asked for {]"):
        class Handler(http.server.BaseHTTPRequestHandler):
            """Answers every request in the same way."""

            def answer(self):
                """Sends status 200 and the garbage."""
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                outer.answered += 1

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

            def log_message(self, *_):
                """Logs nothing."""

        outer = self
        self.answered = 0
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        """Stops the server."""
        self._server.shutdown()
        self._server.server_close()


class BadInput(SystemTest):
    """Each test makes one mistake and checks the message."""

    def refused(self, *arguments):
        """The (exit code, stderr) of a program that ends by itself."""
        done = subprocess.run([MANAGER, *arguments], capture_output=True, text=True, timeout=30, check=False)
        return done.returncode, done.stderr

    def test_a_wrong_cidr_is_refused_with_a_valid_one(self):
        """The message names file, line, key and a valid value."""
        path = self.write_config("api-server: localhost\nprivate-ip-range: 10.0.0.1/16\n")
        code, said = self.refused("run", "--config", path)
        self.assertEqual(code, 2)
        self.assertIn(f"{path}:2:", said)
        self.assertIn("private-ip-range", said)
        self.assertIn("10.0.0.0/16", said)

    def test_an_unknown_key_is_refused_with_a_suggestion(self):
        """The message suggests the most similar key."""
        path = self.write_config("privat-ip-range: 10.0.0.0/16\n")
        code, said = self.refused("run", "--config", path)
        self.assertEqual(code, 2)
        self.assertIn(f"{path}:1:", said)
        self.assertIn("private-ip-range", said)

    def test_a_missing_context_is_named(self):
        """The message names the missing context."""
        code, said = self.refused("run", "--config", self.write_config(), "--kubeconfig", self.cluster.kubeconfig,
                                  "--context", "no-such-context")
        self.assertEqual(code, 2)
        self.assertIn("no-such-context", said)

    def test_a_wrong_certificate_is_reported_and_tried_again(self):
        """The server's certificate is signed by another authority: the message names the
        certificate, and the controller tries again."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=another", "-days", "1",
                        "-keyout", self.path("key"), "-out", self.path("another.crt")], check=True, capture_output=True)
        self.cluster.write_account_kubeconfig(self.path("k"), "kube-system", "kube-network-manager")
        with open(self.path("k"), encoding="utf-8") as text:
            wrong = text.read().replace(self.cluster.ca_file, self.path("another.crt"))
        self.assertIn("another.crt", wrong)
        with open(self.path("wrong"), "w", encoding="utf-8") as file:
            file.write(wrong)
        controller = self.start_controller(kubeconfig=self.path("wrong"))
        eventually(lambda: "certificate" in controller.output(), controller.output)
        self.assertTrue(controller.running())
        self.assertEqual(self.get("/readyz")[0], 503)
        self.assertEqual(self.api.writes(), [])
        self.assertEqual(controller.stop(), 0)

    def test_a_refused_token_is_reported_and_tried_again(self):
        """The message names the status 401 and no secret, and the controller tries again."""
        self.cluster.write_account_kubeconfig(self.path("k"), "kube-system", "kube-network-manager",
                                              token_file=self.path("token"))
        with open(self.path("token"), "w", encoding="utf-8") as file:
            file.write("not-a-token-of-this-cluster")
        controller = self.start_controller(kubeconfig=self.path("k"))
        eventually(lambda: "401" in controller.output() or "nauthorized" in controller.output(), controller.output)
        self.assertNotIn("not-a-token-of-this-cluster", controller.output())
        self.assertEqual(self.get("/readyz")[0], 503)
        # The same file gets the right token: no restart is needed.
        with open(self.path("token"), "w", encoding="utf-8") as file:
            file.write(self.cluster.token("kube-system", "kube-network-manager"))
        self.wait_ready()
        self.assertEqual(controller.stop(), 0)

    def test_the_start_waits_for_the_config_api(self):
        """The controller waits with a message, and starts once the server answers."""
        self.api.stop()
        controller = self.start_controller()
        eventually(lambda: "waiting for the config API" in controller.output(), controller.output)
        self.assertTrue(controller.running())
        status, said = self.get("/readyz")
        self.assertEqual(status, 503)
        self.assertIn("config-api", str(said))
        self.api.start(self.folder)
        self.wait_ready()
        eventually(self.api.writes, "the controller writes")

    def test_garbage_from_the_config_api_writes_nothing(self):
        """The controller reports garbage in an inventory, and writes nothing."""
        for body in (b"\x00\xffnot what you asked for {]", b"<html>504</html>", b'{"projects": [17]}', b'{"projects": {}}'):
            garbage = Garbage(body)
            self.api.port = garbage.port
            controller = self.start_controller()
            eventually(lambda: "waiting for the config API" in controller.output(), controller.output)
            self.assertTrue(controller.running())
            self.assertEqual(self.get("/readyz")[0], 503)
            self.assertEqual(controller.stop(), 0)
            self.assertGreater(garbage.answered, 0)
            garbage.stop()

    def test_garbage_from_kubernetes_writes_nothing(self):
        """The controller reports garbage from Kubernetes, and writes nothing."""
        garbage = Garbage()
        with open(self.path("k"), "w", encoding="utf-8") as file:
            file.write("apiVersion: v1\nkind: Config\ncurrent-context: x\n"
                       f"clusters: [{{name: x, cluster: {{server: 'http://127.0.0.1:{garbage.port}'}}}}]\n"
                       "users: [{name: x, user: {token: t}}]\n"
                       "contexts: [{name: x, context: {cluster: x, user: x}}]\n")
        controller = self.start_controller(kubeconfig=self.path("k"))
        eventually(lambda: garbage.answered > 4, controller.output)
        self.assertTrue(controller.running())
        self.assertEqual(self.get("/readyz")[0], 503)
        self.assertEqual(self.api.writes(), [])
        self.assertEqual(controller.stop(), 0)
        garbage.stop()


if __name__ == "__main__":
    unittest.main()
