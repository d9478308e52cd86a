"""A real Keystone and TLS in front of the config API: logins that expire, are revoked or wrong,
certificates that change. Each trouble is shown, says nothing on users' objects, and needs no restart."""

import base64
import itertools
import json
import os
import sys
import tempfile
import time
import unittest

from rig import ACCOUNT, RETRY_DELAY, SOAK, STATE, Program, SystemTest, call, eventually, in_soak

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "access"))
from config_servers import Echo  # noqa: E402  (needs the path above)
from identity import AuthFront, Keystone  # noqa: E402
from tls_front import Authority, TlsFront  # noqa: E402
from tunnel import Tunnel  # noqa: E402

NS = "access"
_REFUSED = "knm_config_api_access_refused"
_CIRCUIT = "knm_config_api_circuit_open"
_LOGIN = """\
api-tls:
  ca-file: {ca}
auth-type: keystone
auth-url: https://127.0.0.1:{keystone_port}/v3
auth-tls:
  ca-file: {ca}
api-notifications: false
audit-interval: 2s
log-level: trace
"""
_USER = """\
auth-user: {user}
auth-password-file: {secret}
auth-project: admin
"""
_USER_BY_ID = """\
auth-user-id: {user_id}
auth-password-file: {secret}
auth-project-id: {project_id}
"""
_CREDENTIAL = """\
auth-credential-id: {credential}
auth-credential-secret-file: {secret}
"""
_CREDENTIAL_FILE = """\
auth-credential-id-file: {credential_file}
auth-credential-secret-file: {secret}
"""
_BASIC = """\
api-tls:
  ca-file: {ca}
auth-type: basic
auth-user: {user}
auth-password-file: {secret}
api-notifications: false
audit-interval: 2s
log-level: trace
"""
_TOKENS = "POST /v3/auth/tokens"
_BREAKER = "config API does not answer"
_FERNET = "gAAAAA"  # the beginning of each token
_CURE = 10  # seconds from the cure of a trouble to the end of its consequences


class AccessTest(SystemTest):
    """A Keystone with a user for the class; a config API for each test. Both are behind HAProxy
    with TLS."""

    expiration = 3600  # of a token, in seconds

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.keystone = Keystone(folder.name, cls.expiration)
        cls.addClassCleanup(cls.keystone.stop)
        cls.login_of_class = cls.keystone.add_user("controller")

    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder, "first-authority")
        self.front = AuthFront(self.folder, self.keystone, self.api.url)
        self.addCleanup(self.front.stop)
        self.keystone_tls = TlsFront(self.folder, [self.keystone.port], self.authority.issue("keystone"))
        self.addCleanup(self.keystone_tls.stop)
        self.put_tls_before(self.front.port)
        self.secrets = []
        self.given = []  # secrets in the environment of the program
        self.api_server = "127.0.0.1"
        self.echo = None  # a server that shows the login
        self.user_name = "controller"
        self.user, password = self.login_of_class
        self.write_secret(password)
        self.write_file("ca.crt", self.authority.read())
        self.make_namespace(NS)
        self.addCleanup(self.cluster.kubectl, "delete", "pods", "--all", "-n", NS)
        self.login = _LOGIN + _USER
        self.credential = ""

    def put_tls_before(self, port, alternative_names="IP:127.0.0.1"):
        """The config API is the server at this port, behind HAProxy."""
        self.tls = TlsFront(self.folder, [port], self.authority.issue(f"config-api-{port}", alternative_names))
        self.addCleanup(self.tls.stop)

    def use_new_user(self, role="admin"):
        """Makes a user of this test with this role, writes the password's file, and returns the
        password."""
        self.user_name = f"user-{time.monotonic_ns()}"
        self.user, password = self.keystone.add_user(self.user_name, role)
        self.write_secret(password)
        return password

    def ports(self):
        return super().ports() | {"api_port": self.tls.port}

    @property
    def more_config(self):
        """The lines about the config API."""
        return self.login.format(ca=self.path("ca.crt"), secret=self.path("secret"), user=self.user_name,
                                 credential=self.credential, credential_file=self.path("credential-id"),
                                 keystone_port=self.keystone_tls.port, user_id=self.user,
                                 project_id=self.keystone.project(), cert=self.path("client.crt"), key=self.path("client.key"))

    def write_file(self, name, text):
        """Replaces a file at once, as Kubernetes does it in a volume."""
        with open(self.path(name + ".new"), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(self.path(name + ".new"), self.path(name))

    def write_pair(self, pair):
        """Replaces the files of the client's certificate and key."""
        for path, name in zip(pair, ("client.crt", "client.key"), strict=True):
            with open(path, encoding="ascii") as file:
                text = file.read()
            self.write_file(name, text)
        self.secrets += [line for line in text.splitlines() if not line.startswith("-")]  # the key comes last

    def write_secret(self, secret):
        """Replaces the file of the secret."""
        self.secrets += [secret, base64.b64encode(f"{self.user_name}:{secret}".encode()).decode()]
        self.write_file("secret", secret + "\n")

    def make_pod(self, name):
        """Creates a Pod of the tier `web`."""
        self.apply([{"apiVersion": "v1", "kind": "Pod",
                     "metadata": {"name": name, "namespace": NS, "labels": {"name": "web"}},
                     "spec": {"containers": [{"name": "main", "image": "example.net/app:1"}]}}])

    def is_served(self, name):
        """Whether the Pod has its network."""
        return STATE in self.pods(NS)[name]["metadata"].get("annotations", {})

    def wait_served(self, *names):
        """Waits until all of these Pods have their network."""
        eventually(lambda: all(self.is_served(name) for name in names),
                   lambda: f"{names} served:\n{self.controller.output()[-4000:]}")

    def value(self, metric):
        """The value of a metric without labels."""
        lines = str(self.get("/metrics")[1]).splitlines()
        return next((float(line.split()[-1]) for line in lines if line.startswith(metric + " ")), None)

    def wait_refused(self, reason):
        """Waits until the program shows that it is not let in, for this reason, in every place."""
        def shown():
            status, ready = self.get("/readyz")
            _, state = self.get("/state")
            self.assert_no_names(ready)
            return (self.value(_REFUSED) == 1 and status == 503 and "config-api-access failed" in ready
                    and not state["config_api"]["answers"] and reason in state["config_api"]["error"])
        eventually(shown, lambda: f"{reason}: {self.get('/readyz')} {self.get('/state')[1]['config_api']}")

    def assert_no_names(self, ready):
        """The answer of a probe, whose port is open to all, names neither users nor servers nor files."""
        for name in (self.user_name, "127.0.0.1", self.folder):
            self.assertNotIn(name, str(ready))

    def wait_let_in(self, *pods):
        """Waits until these Pods are served and nothing is wrong any longer. Prints how long it
        took, and limits it if nothing else is to happen on the machine."""
        began = time.monotonic()
        self.wait_served(*pods)
        eventually(lambda: self.value(_REFUSED) == 0 and self.get("/readyz")[0] == 200, lambda: self.get("/readyz"))
        took = time.monotonic() - began
        print(f"{self.id().rsplit('.', 1)[-1]}: {took:.1f} s after the cure", file=sys.stderr)
        self.assertTrue(self.controller.running())
        if SOAK:
            self.assertLessEqual(took, _CURE)

    def write_config(self, text=None):
        """In the long run all delays are those of a user who has set none."""
        path = super().write_config(text)
        with open(path, encoding="utf-8") as file:
            lines = file.read().replace("api-server: 127.0.0.1\n", f"api-server: {self.api_server}\n")
        self.write_file(os.path.basename(path), lines.replace(RETRY_DELAY, "") if SOAK else lines)
        return path

    def start_and_serve(self, name):
        """The controller serves a first Pod."""
        self.start_controller()
        self.wait_ready()
        self.make_pod(name)
        self.wait_served(name)

    def trouble(self, reason, name):
        """A Pod comes while the program is not let in: it is not served, and has no Event."""
        self.open_breaker(name)
        self.make_pod(name)
        self.wait_refused(reason)
        self.assertFalse(self.is_served(name))

    def open_breaker(self, name):
        """Makes Pods until a request for one fails: keystonemiddleware remembers a token for some
        seconds, and the next audit comes much later on a busy machine."""
        opened, made = self.controller.output().count(_BREAKER), itertools.count()

        def tried():
            self.make_pod(f"{name}-{next(made)}")
            return self.controller.output().count(_BREAKER) > opened
        eventually(tried, lambda: f"the circuit breaker opens:\n{self.controller.output()[-3000:]}")

    def tearDown(self):
        if self.controller and not self.echo:
            self.assert_no_events()
            self.assert_no_secrets()
        super().tearDown()

    def assert_no_events(self):
        """The program has written no Warning Event on an object of a user, nor on its Namespace."""
        events = json.loads(self.cluster.kubectl("get", "events.events.k8s.io", "-A", "-o", "json"))["items"]
        objects = [(event["type"], event.get("reportingController", ""), event["regarding"]) for event in events]
        self.assertEqual([regarding for kind, writer, regarding in objects
                          if kind == "Warning" and "kube-network-manager" in writer
                          and NS in (regarding.get("namespace"), regarding["name"])], [])

    def written(self):
        """What the program wrote, by place. It logs everything."""
        places = {path: str(self.get(path)[1])
                  for path in ("/state", "/state?full", "/metrics", "/readyz", "/readyz?verbose", "/livez?verbose")}
        places["log"] = self.controller.output()
        places["Events"] = self.cluster.kubectl("get", "events.events.k8s.io", "-A", "-o", "json")
        places["Pods"] = self.cluster.kubectl("get", "pods", "-A", "-o", "json")  # with their annotations
        places["objects"] = json.dumps(self.api.control("dump"))
        with open(self.api.request_log, encoding="utf-8") as file:
            places["requests"] = file.read()
        report = Program("kube-network-manager", "report", "--full", "--server", f"http://127.0.0.1:{self.state_port}",
                         folder=self.folder)
        self.assertEqual(report.wait(), 0, report.output())
        places["report"] = report.output()
        self.assertIn("starting", places["log"])
        return places

    def assert_no_secrets(self):
        """Nothing that the program wrote has a secret or a token."""
        with open(self.path("controller.kubeconfig"), encoding="utf-8") as file:
            signature = file.read().rsplit("token: ", 1)[1].strip().rsplit(".", 1)[1]  # of the ServiceAccount's token
        secrets = [*self.secrets, signature, _FERNET]
        places = self.written()
        for name in ("cmdline", "environ"):
            with open(f"/proc/{self.controller.pid()}/{name}", encoding="utf-8", errors="replace") as file:
                places[name] = file.read()
        self.assertEqual([place for place, text in places.items() if not text], [], "nothing is there")
        shown = [place for place, text in places.items()
                 if any(secret in text for secret in (secrets if place == "environ" else [*secrets, *self.given]))]
        self.assertEqual(shown, [], "secrets are there")


class Access(AccessTest):
    """What becomes of the login and of the certificates."""

    def test_a_wrong_password_is_shown_until_the_file_has_the_right_one(self):
        self.use_new_user()
        self.start_and_serve("before")
        password = self.keystone.set_password(self.user)  # revokes the token, too
        self.trouble(f"refuses the user '{self.user_name}'", "during")
        self.write_secret(password)
        self.wait_let_in("during")

    @in_soak
    def test_a_disabled_user_is_let_in_again(self):
        self.use_new_user()
        self.start_and_serve("before")
        self.keystone.enable(self.user, False)
        self.trouble(f"refuses the user '{self.user_name}'", "during")
        self.keystone.enable(self.user, True)
        self.wait_let_in("during")

    def test_an_outage_of_keystone_ends(self):
        self.start_and_serve("before")
        with self.keystone.stopped():
            self.open_breaker("during")
            self.make_pod("during")
            eventually(lambda: self.value(_CIRCUIT) == 1, lambda: f"the metric is 1:\n{self.controller.output()[-3000:]}")
            self.assertFalse(self.is_served("during"))
        self.wait_let_in("during")
        self.assertEqual(self.value(_CIRCUIT), 0)

    def test_an_application_credential_is_enough(self):
        self.credential, secret = self.keystone.application_credential(self.user_name, self.secrets[0])
        self.write_secret(secret)
        self.login = _LOGIN + _CREDENTIAL
        self.start_and_serve("one")
        self.assertIsNone(self.value(_REFUSED) or None)

    def test_a_proxy_has_a_password(self):
        """The config API has a name that only the proxy knows."""
        name = "config-api.example.org"
        self.put_tls_before(self.front.port, f"DNS:{name}")
        tunnel = Tunnel()
        self.addCleanup(tunnel.close)
        self.given += [tunnel.password, tunnel.login]
        self.api_server = name
        self.start_controller(environment={"HTTPS_PROXY": tunnel.url})
        self.make_pod("one")
        self.wait_served("one")
        self.assertGreater(tunnel.opened, 0)

    def test_a_server_that_shows_the_token_in_an_error(self):
        echo = Echo(self.front.port)
        self.addCleanup(echo.close)
        self.put_tls_before(echo.port)
        self.refuse_and_search(echo)

    def test_a_server_that_shows_the_password_in_an_error(self):
        echo = Echo(self.api.port)
        self.addCleanup(echo.close)
        self.put_tls_before(echo.port)
        self.login = _BASIC
        self.refuse_and_search(echo)

    def refuse_and_search(self, echo):
        """The server refuses an object so often that an Event says so."""
        self.echo = echo
        self.addCleanup(self.forget_events)
        self.start_and_serve("before")
        echo.echoing = True
        self.make_pod("during")
        eventually(lambda: "RefusedByConfigAPI" in self.cluster.kubectl("get", "events.events.k8s.io", "-n", NS, "-o", "json"),
                   self.controller.output)
        self.assertGreaterEqual(echo.echoed, 3)
        self.assert_no_secrets()

    def forget_events(self):
        """The next test finds no Event of this one."""
        self.controller.stop()
        self.cluster.kubectl("delete", "events.events.k8s.io", "--all", "-n", NS)

    def test_an_application_credential_is_replaced_without_a_restart(self):
        """Another one has another id and another secret."""
        password = self.use_new_user()
        first, secret = self.keystone.application_credential(self.user_name, password, "first")
        self.write_file("credential-id", first + "\n")
        self.write_secret(secret)
        self.login = _LOGIN + _CREDENTIAL_FILE
        self.start_and_serve("before")
        self.keystone.delete_application_credential(self.user_name, password, first)
        self.trouble(f"does not know the application credential '{first}'", "during")
        second, secret = self.keystone.application_credential(self.user_name, password, "second")
        self.write_file("credential-id", second + "\n")
        self.write_secret(secret)
        self.wait_let_in("during")

    def connect(self):
        """The exit code and the lines of `config validate --connect`."""
        kubeconfig = self.path("check.kubeconfig")
        self.cluster.write_account_kubeconfig(kubeconfig, *ACCOUNT)
        program = Program("kube-network-manager", "config", "validate", "--connect", "--kubeconfig", kubeconfig,
                          self.write_config(), folder=self.folder)
        code = program.wait()
        for secret in [*self.secrets, _FERNET]:
            self.assertNotIn(secret, program.output())
        return code, program.output()

    def assert_failure(self, *words):
        """`config validate --connect` fails, and says these words in one line."""
        code, text = self.connect()
        self.assertEqual(code, 1, text)
        failures = [line for line in text.splitlines() if line.startswith("FAIL")]
        self.assertTrue(any(all(word in line for word in words) for line in failures), text)

    def test_a_configuration_is_tried_before_it_is_used(self):
        code, text = self.connect()
        self.assertEqual(code, 0, text)
        self.assertEqual([line[:18] for line in text.splitlines()[1:]],
                         ["ok    Kubernetes h", "ok    Keystone htt", "ok    config API h"], text)
        self.assertEqual(self.api.writes(), [])
        good = self.secrets[0]
        self.write_secret("wrong")
        self.assert_failure("Keystone", "refuses the user 'controller'", "check the secret")
        self.write_secret(good)
        self.tls.present(self.authority.issue("elsewhere", "DNS:elsewhere.example.org"))
        self.assert_failure("config API", "elsewhere.example.org", "check api-tls")
        self.tls.stop()
        self.assert_failure("config API", "check api-server and api-port")
        self.tls.present(self.authority.issue("config-api"))
        self.use_new_user("member")
        self.assert_failure("config API", "may not read projects", "403")
        self.assert_no_events()

    def test_a_missing_role_is_named(self):
        self.use_new_user("member")
        self.start_controller()
        eventually(lambda: "HTTP 403" in self.controller.output(), self.controller.output)
        self.assertEqual(self.get("/readyz")[0], 503)

    def test_wrong_certificates_are_shown_until_a_good_one_comes(self):
        self.start_and_serve("before")
        good = self.authority.issue("config-api")
        other = Authority(self.folder, "second-authority")
        wrong = {"name": ("elsewhere.example.org", self.authority.issue("elsewhere", "DNS:elsewhere.example.org")),
                 "expired": ("expired", self.authority.issue("old", days=-1)),
                 "authority": ("second-authority", other.issue("config-api"))}
        for case, (reason, pair) in wrong.items():
            with self.subTest(case):
                self.tls.present(pair)
                self.trouble(reason, f"during-{case}")
                if case == "authority":  # it rotates
                    self.write_file("ca.crt", self.authority.read() + other.read())
                else:
                    self.tls.present(good)
                self.wait_let_in(f"during-{case}")

    def test_the_client_has_a_certificate(self):
        clients = Authority(self.folder, "clients")
        self.tls.demand(clients)
        self.login = self.login.replace("ca-file: {ca}\n", "ca-file: {ca}\n  cert-file: {cert}\n  key-file: {key}\n", 1)
        self.write_pair(Authority(self.folder, "strangers").issue("controller"))
        self.start_controller()
        self.make_pod("one")
        self.wait_refused("certificate")
        self.write_pair(clients.issue("controller"))
        self.wait_let_in("one")

    def test_an_older_version_of_tls_is_refused(self):
        self.login = self.login.replace("ca-file: {ca}\n", 'ca-file: {ca}\n  min-version: "1.3"\n', 1)
        self.tls.limit("ssl-max-ver TLSv1.2")
        self.start_controller()
        self.make_pod("one")
        self.wait_refused("protocol version")
        self.tls.limit("")
        self.wait_let_in("one")

    def follow_notifications(self):
        """The controller serves a first Pod and follows the notifications. No audit comes."""
        self.login = self.login.replace("api-notifications: false\naudit-interval: 2s", "audit-interval: 24h")
        self.start_and_serve("one")
        self.wait_notifications("following")

    def wait_notifications(self, state):
        """Waits for this state of the notifications."""
        eventually(lambda: self.get("/state")[1]["config_api"]["notifications"]["state"] == state,
                   lambda: f"{state}: {self.get('/state')[1]['config_api']}\n{self.controller.output()[-3000:]}")

    def delete_address(self):
        """Another client deletes the address of a Pod; the controller creates it again."""
        before = self.api.list("instance-ips")
        name = next(name for name, item in before.items() if "virtual_machine_interface_refs" in item)
        self.assertEqual(call(f"{self.api.url}/instance-ip/{before[name]['uuid']}", method="DELETE")[0], 200)
        eventually(lambda: name in self.api.list("instance-ips"), lambda: self.controller.output()[-3000:])

    def test_notifications_come_through_tls_and_keystone(self):
        self.follow_notifications()
        self.delete_address()

    @in_soak
    def test_notifications_are_followed_again_by_a_user_that_was_disabled(self):
        self.use_new_user()
        self.follow_notifications()
        self.keystone.enable(self.user, False)
        self.open_breaker("during")
        self.tls.present(self.authority.issue("config-api"))  # cuts the stream
        self.wait_notifications("refused")
        self.keystone.enable(self.user, True)
        self.wait_notifications("following")  # a refused stream is asked for again after a minute
        self.delete_address()

    def test_insecure_stays_in_the_log_and_in_a_metric(self):
        """User and project have ids here instead of names."""
        self.login = (_LOGIN + _USER_BY_ID).replace("ca-file: {ca}\nauth-type", "insecure: true\nauth-type", 1)
        self.start_and_serve("one")
        self.assertIn("api-tls is insecure", self.controller.output())
        text = str(self.get("/metrics")[1])
        self.assertIn('knm_tls_unverified{server="config-api"} 1', text)
        self.assertIn('knm_tls_unverified{server="keystone"} 0', text)


@in_soak
class ShortTokens(AccessTest):
    """Tokens that expire after some seconds."""

    expiration = 30  # a busy machine needs some seconds to validate one

    def test_tokens_expire_without_a_trace(self):
        self.start_and_serve("first")
        before, began = self.keystone_tls.count(_TOKENS), time.monotonic()
        eventually(lambda: self.keystone_tls.count(_TOKENS) >= before + 2, "two tokens later", seconds=180)
        self.make_pod("second")
        self.wait_let_in("second")
        self.assertNotIn("does not let this program in", self.controller.output())
        # Each is used for nine tenths of its life.
        most = (time.monotonic() - began) / (0.8 * self.expiration) + 2
        self.assertLessEqual(self.keystone_tls.count(_TOKENS) - before, most)


if __name__ == "__main__":
    unittest.main()
