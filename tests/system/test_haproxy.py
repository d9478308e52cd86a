"""HAProxy, as the documentation recommends it, before three servers of the config API. One after
another has a fault, while Pods come and go."""

import contextlib
import os
import subprocess
import sys
import tempfile
import unittest

from rig import SOAK, ConfigApi, differences, eventually, in_soak
from served import ServedTest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "access"))
from config_servers import ConfigServers, StaleReads  # noqa: E402  (needs the path above)
from tls_front import Authority, DocumentedFront, documented_config  # noqa: E402

_TIMEOUT = 4  # seconds: longer than HAProxy needs to notice a server that is silent
_CONNECTIONS = 8  # the default of `connections`
_SLOW = 0.4  # seconds for each request; the health checks of HAProxy pass
_SETTINGS = """\
api-tls:
  ca-file: {ca}
request-timeout: {timeout}s
audit-interval: 2s
"""


class Documented(unittest.TestCase):
    """The configuration of HAProxy in the documentation."""

    def test_haproxy_accepts_it_without_a_warning(self):
        with tempfile.TemporaryDirectory() as folder:
            bundle, config = (os.path.join(folder, name) for name in ("bundle.pem", "haproxy.cfg"))
            with open(bundle, "w", encoding="ascii") as out:
                for path in Authority(folder, "authority").issue("config-api"):
                    with open(path, encoding="ascii") as file:
                        out.write(file.read())
            with open(config, "w", encoding="ascii") as out:
                out.write(documented_config("127.0.0.1:8082", bundle, ["10.0.0.11:8082", "10.0.0.12:8082", "10.0.0.13:8082"]))
            checked = subprocess.run(["haproxy", "-c", "-f", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                     check=False)
            self.assertEqual((checked.returncode, checked.stdout.strip()), (0, "Configuration file is valid"))


class Behind(ServedTest):
    """The controller knows one address, that of HAProxy, which ends TLS."""

    audits_of_watched = ""  # a line of the configuration

    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder, "authority")
        self.stack_servers()

    def stack_servers(self):
        """Three servers of the stand-in, and HAProxy before them."""
        self.servers = ConfigServers(self.api)
        self.addCleanup(self.servers.close)
        addresses = [f"{host}:{self.servers.port}" for host in self.servers.hosts]
        self.front = DocumentedFront(self.folder, addresses, self.authority.issue("config-api"))
        self.addCleanup(self.front.stop)
        self.hit = {}  # (kind of fault, host) → how often a connection in use met it

    def ports(self):
        return super().ports() | {"api_port": self.front.port}

    @property
    def more_config(self):
        """The lines about the config API."""
        return _SETTINGS.format(ca=self.authority.certificate, timeout=_TIMEOUT) + self.audits_of_watched

    def restarted(self, host):
        """The server is restarted at the begin of the block."""
        self.servers.restart(host)
        return contextlib.nullcontext()

    def slow(self, host):
        """The server is slow in this block."""
        return self.servers.slow(host, _SLOW)

    @contextlib.contextmanager
    def upgraded(self, host):
        """The server is away in this block. As in a rolling upgrade, the block ends when HAProxy uses
        it again, so that no other one goes before."""
        number = self.servers.hosts.index(host)
        with self.servers.killed(host):
            eventually(lambda: not self.front.is_up(number), f"{host} is marked down")
            yield
        eventually(lambda: self.front.is_up(number), f"{host} is marked up")

    def in_use(self, kind):
        """This fault of a server that has connections, and had this fault least often."""
        def begin():
            hosts = eventually(lambda: [host for host in self.servers.hosts if self.servers.connected(host)], "connections")
            host = min(hosts, key=lambda host: (self.hit.get((kind.__name__, host), 0), -self.servers.connected(host)))
            self.hit[kind.__name__, host] = self.hit.get((kind.__name__, host), 0) + 1
            return kind(host)
        return begin

    def rolling(self):
        """Each server is upgraded, one by one."""
        return [lambda host=host: self.upgraded(host) for host in self.servers.hosts]


class Haproxy(Behind):
    """What the faults of servers mean behind HAProxy."""

    def faults(self, kinds, count):
        """`count` Pods come and go with each fault; the same number without faults is the measure."""
        self.start()
        undisturbed = self.come_and_go([None] * len(kinds), count)
        bare = self.api.dump()
        disturbed = self.come_and_go(kinds, count)
        print(f"\n  {disturbed}, {undisturbed} undisturbed, {self.hit}", file=sys.stderr)
        self.assertEqual(differences(self.api.dump(), bare), [])
        # With few Pods, one verification for each request that a fault may have met counts.
        self.assertLessEqual(disturbed.requests, 1.2 * undisturbed.requests + (1 if SOAK else _CONNECTIONS) * len(kinds))
        self.assertEqual(self.controller.stop(), 0)
        return disturbed

    def test_servers_fail_while_pods_come_and_go(self):
        kinds = (self.servers.killed, self.servers.stalled, self.slow, self.restarted)
        self.faults([self.in_use(kind) for kind in kinds] + self.rolling()[:1], 4)

    @in_soak
    def test_each_server_fails_while_two_hundred_pods_come_and_go(self):
        kinds = [self.in_use(kind) for kind in (self.servers.killed, self.servers.stalled, self.slow, self.restarted)]
        disturbed = self.faults([*kinds, *kinds, *kinds, *self.rolling()], 14)
        self.assertEqual({host for _, host in self.hit}, set(self.servers.hosts), "each of the servers had a fault")
        self.assertLessEqual(disturbed.gap, _TIMEOUT)

    def test_readings_that_are_older_than_the_last_writes_change_nothing(self):
        """One server after another has not heard of the last writes, and at last all of them."""
        self.audits_of_watched = "watched-audit-factor: 1\n"
        self.use_api_with_state()
        self.front.stop()
        self.servers.close()
        self.stack_servers()
        self.start()
        bare = self.api.dump()
        self.come_and_go([lambda: self.stale(self.servers.hosts[:1]), lambda: self.stale(self.servers.hosts)], 3)
        self.assertEqual(differences(self.api.dump(), bare), [])

    @contextlib.contextmanager
    def stale(self, hosts):
        """These servers still read what was there at the begin of the block; if these are all, there
        is an audit of it in the block."""
        self.wait_quiet()
        old = self.snapshot()
        front = StaleReads(self.api, old)
        self.addCleanup(front.close)
        with contextlib.ExitStack() as stack:
            for host in hosts:
                stack.enter_context(self.servers.replaced(host, front.port))
            yield
            if len(hosts) == len(self.servers.hosts):
                before = self.audits(old)
                eventually(lambda: self.audits(old) >= before + 2, "audits of old readings")

    def test_an_empty_server_is_neither_written_to_nor_believed(self):
        """The other two go on meanwhile."""
        self.start()
        empty = ConfigApi(self.folder, "--seed", "77")
        self.addCleanup(empty.stop)
        names = []
        with self.servers.replaced(self.servers.hosts[1], empty.port):
            for number in range(3):  # HAProxy gives each third connection to the empty one
                for host in self.servers.hosts:
                    self.servers.restart(host)
                names += self.make_pods(f"new-{number}", 2)
                self.wait_served(names)
            self.assertTrue([r for r in empty.requests() if r["target"] == "/fqname-to-id"], "it was asked for its database")
            self.assertEqual(empty.writes(), [])
        self.assert_whole(len(names))


if __name__ == "__main__":
    unittest.main()
