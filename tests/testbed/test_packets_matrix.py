"""Outcomes against expectations, the table, and what is read from the wire: all in memory; and the
servers and attempts between sockets of 127.0.0.1."""

import contextlib
import json
import socket
import struct
import threading
import unittest
from ipaddress import ip_address
from unittest import mock

import paths  # extends sys.path
from controlplane import free_port
from matrix.answers import Answers
from matrix import attempts
from matrix.attempts import attempt, echo
from matrix.evidence import Evidence
from matrix.question import request
from matrix.connection import Connection
from matrix.flow import (OPEN, REFUSED, SILENT, UNSENT, Flow, Outcome, difference,
                         observed)
from matrix.table import as_json, table
from matrix.tcp import TcpState
from matrix.wire import destination

_HERE_ADDRESS = ip_address("127.0.0.1")
_FLOW = Flow("shop/web", "Service shop/api", "tcp", ip_address("10.254.0.1"), 80)
_API = frozenset(["shop/api-0", "shop/api-1"])


class Outcomes(unittest.TestCase):
    """What agrees with the labels."""

    def test_open(self):
        """The right Pod must answer."""
        self.assertIsNone(difference(_FLOW, _API, Outcome(OPEN, "shop/api-1")))
        self.assertIsNone(difference(_FLOW, _API, Outcome(OPEN)))  # ICMP has no names
        for outcome in (Outcome(OPEN, "shop/db-0"), Outcome(SILENT), Outcome(REFUSED)):
            self.assertTrue(difference(_FLOW, _API, outcome), outcome)

    def test_closed(self):
        """No answer may come, and no refusal: the packet has reached what refuses."""
        self.assertIsNone(difference(_FLOW, frozenset(), Outcome(SILENT)))
        for outcome in (Outcome(REFUSED), Outcome(OPEN, "shop/api-0"), Outcome(OPEN)):
            self.assertTrue(difference(_FLOW, frozenset(), outcome), outcome)

    def test_not_sent(self):
        """What was not on the wire shows nothing: it differs from both."""
        sent = {("shop/web", "tcp", _FLOW.address, 80)}
        self.assertEqual(observed(_FLOW, Outcome(SILENT), sent), Outcome(SILENT))
        for others in (set(), {("shop/web", "udp", _FLOW.address, 80)},
                       {("shop/api-0", "tcp", _FLOW.address, 80)}):
            self.assertEqual(observed(_FLOW, Outcome(SILENT), others), Outcome(UNSENT))
        for expected in (_API, frozenset()):
            self.assertTrue(difference(_FLOW, expected, Outcome(UNSENT)))

    def test_established(self):
        """A connection that was made was not closed, also if its question has no answer."""
        for name, agrees in (("SYN_SENT", True), ("ESTABLISHED", False)):
            evidence = Evidence(1, 40000, TcpState(name, 0, 0), False, 0.5)
            found = difference(_FLOW, frozenset(), Outcome(SILENT, evidence=evidence))
            self.assertEqual(found is None, agrees, name)

    def test_evidence(self):
        """What is known of a connection without an answer is said with the difference, also of one
        that was not seen on the wire."""
        evidence = Evidence(79, 40000, TcpState("SYN_SENT", 3, 1), True, 0.5)
        silent = Outcome(SILENT, evidence=evidence)
        for outcome, word in ((silent, "no answer"), (observed(_FLOW, silent, set()), "not sent")):
            self.assertTrue(str(difference(_FLOW, frozenset(["shop/api-0"]), outcome)).endswith(
                f"the packets: {word} (SYN_SENT, 3 sent again, 1 not acknowledged, something lay "
                "unread at the end, from port 40000, batch 79, longest turn 0.5 s)"))

    def test_words(self):
        """A difference says both sides."""
        self.assertEqual(
            str(difference(_FLOW, frozenset(), Outcome(OPEN, "shop/api-0"))),
            "shop/web → Service shop/api (10.254.0.1 tcp/80): the labels say closed; "
            "the packets: open, by shop/api-0")


class Tables(unittest.TestCase):
    """The matrix as text and as JSON."""

    def setUp(self):
        def flow(source, target, port):
            return Flow(source, target, "tcp", ip_address("10.254.0.1"), port)
        self.expected = {flow("a", "b", 1): frozenset("b"), flow("a", "S", 1): frozenset("b"),
                         flow("a", "S", 2): frozenset(), flow("b", "a", 1): frozenset(),
                         flow("b", "S", 1): frozenset()}
        kinds = [Outcome(OPEN, "b"), Outcome(OPEN, "b"), Outcome(SILENT), Outcome(SILENT),
                 Outcome(OPEN, "b")]
        self.outcomes = dict(zip(self.expected, kinds))
        self.differences = [found for each, names in self.expected.items()
                            if (found := difference(each, names, self.outcomes[each]))]

    def test_table(self):
        """A mark for each pair, a line for each difference."""
        lines = table(self.expected, self.outcomes, self.differences).splitlines()
        self.assertEqual([line.split()[1] for line in lines[:3]], ["a", "b", "S"])
        rows = {line.split()[0]: line.split()[1:] for line in lines[5:7]}
        self.assertEqual(rows, {"a": ["●", "◐"], "b": ["·", "✗"]})
        self.assertIn("  ✗ b → S (10.254.0.1 tcp/1): the labels say closed", "\n".join(lines))
        self.assertTrue(lines[-1].endswith("1 DIFFER from what the labels say"))

    def test_refused(self):
        """It has a mark and a word of its own."""
        flow = next(iter(self.expected))
        expected, outcomes = {flow: frozenset()}, {flow: Outcome(REFUSED)}
        said = table(expected, outcomes, [difference(flow, frozenset(), Outcome(REFUSED))])
        self.assertIn("  a     ⊘\n", said)
        self.assertIn("the labels say closed; the packets: refused\n", said)
        self.assertEqual(json.loads(as_json(expected, outcomes, []))["outcomes"], {"refused": 1})

    def test_agreement(self):
        """The last line says so."""
        self.assertTrue(table({}, {}, []).endswith(": packets and labels agree"))

    def test_json(self):
        """Every connection, with both sides."""
        said = json.loads(as_json(self.expected, self.outcomes, self.differences))
        self.assertFalse(said["agree"])
        self.assertEqual(said["outcomes"], {"open": 3, "no answer": 2})
        self.assertEqual([each["agrees"] for each in said["connections"]],
                         [True, True, True, True, False])
        self.assertEqual(said["connections"][0], {
            "source": "a", "target": "b", "protocol": "tcp", "address": "10.254.0.1", "port": 1,
            "expected": ["b"], "outcome": "open", "answerer": "b", "agrees": True,
            "evidence": None})

    def test_json_of_silence(self):
        """With what is known of it."""
        flow, evidence = next(iter(self.expected)), Evidence(2, 9, TcpState("SYN_SENT", 3, 1), False, 1)
        said = json.loads(as_json({flow: frozenset()}, {flow: Outcome(SILENT, evidence=evidence)}, []))
        self.assertEqual(said["connections"][0]["evidence"], {
            "batch": 2, "port": 9, "late": False, "longest_turn": 1,
            "tcp": {"name": "SYN_SENT", "resent": 3, "unacknowledged": 1}})


class Frames(unittest.TestCase):
    """Ethernet frames."""

    _V4 = bytes(12) + b"\x08\x00" + b"\x45" + bytes(8) + b"%c" + bytes(6) + b"\x0a\x00\x00\x05"
    _V6 = bytes(12) + b"\x86\xdd" + bytes(6) + b"%c" + bytes(17) + ip_address("fd00::5").packed

    def test_destinations(self):
        """Protocol, address, port."""
        ports = struct.pack("!HH", 40000, 6379)
        four, six = ip_address("10.0.0.5"), ip_address("fd00::5")
        for header, protocol, found in (
                (self._V4, 6, ("tcp", four, 6379)), (self._V4, 17, ("udp", four, 6379)),
                (self._V4, 1, ("icmp", four, 0)), (self._V6, 6, ("tcp", six, 6379)),
                (self._V6, 17, ("udp", six, 6379)), (self._V6, 58, ("icmp", six, 0))):
            self.assertEqual(destination(header % protocol + ports), found)

    def test_others(self):
        """ARP, other protocols and cut frames are no connections."""
        for frame in (b"", bytes(12) + b"\x08\x06" + bytes(28), self._V4 % 6,
                      self._V4 % 132 + bytes(8), (self._V6 % 6)[:40], bytes(12) + b"\x86\xdd"):
            self.assertIsNone(destination(frame))

    def test_echo(self):
        """The Internet checksum of an echo request with its checksum is zero."""
        packet = echo(8, 0x1234, 4)
        total = sum(struct.unpack("!4H", packet))
        self.assertEqual((total & 0xffff) + (total >> 16), 0xffff)


class Sockets(unittest.TestCase):
    """Servers and attempts, without namespaces."""

    def setUp(self):
        self.answers = Answers()
        self.addCleanup(self.answers.close)
        self.port = free_port()

    def attempt(self, *protocols):
        """Outcomes of attempts at the port."""
        flows = [Flow("here", "there", protocol, _HERE_ADDRESS, self.port)
                 for protocol in protocols]
        return list(attempt(flows, {"here": None}, 5).values())

    def test_answers(self):
        """Both protocols answer with the name, and no longer once it is forgotten."""
        self.answers.serve("shop/api-0", None, {("tcp", self.port), ("udp", self.port)})
        self.assertEqual(self.attempt("tcp", "udp"), [Outcome(OPEN, "shop/api-0")] * 2)
        self.answers.forget("shop/api-0")
        self.assertEqual(self.attempt("tcp", "udp"), [Outcome(REFUSED)] * 2)

    def test_ports_that_go(self):
        """A server that is told other ports leaves all others."""
        self.answers.serve("shop/api-0", None, {("tcp", self.port), ("udp", self.port)})
        self.answers.serve("shop/api-0", None, {("udp", self.port)})
        self.assertEqual(self.attempt("tcp", "udp"),
                         [Outcome(REFUSED), Outcome(OPEN, "shop/api-0")])

    def test_forgotten_while_it_talks(self):
        """The end of servers whose clients say something at that moment ends no others."""
        for _ in range(300):
            self.answers.serve("shop/api-0", None, {("tcp", self.port)})
            with socket.create_connection(("127.0.0.1", self.port), 5) as client:
                client.sendall(b"who\n")
                self.assertEqual(client.recv(100), b"shop/api-0 127.0.0.1\n")
                client.sendall(b"who\n")
                self.answers.forget("shop/api-0")
        self.answers.serve("shop/api-1", None, {("tcp", self.port)})
        self.assertEqual(self.attempt("tcp"), [Outcome(OPEN, "shop/api-1")])

    def test_silence(self):
        """A server that does not answer."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
            mute.bind(("127.0.0.1", self.port))
            flow = Flow("here", "there", "udp", _HERE_ADDRESS, self.port)
            found = attempt([flow], {"here": None}, 0.2)
            self.assertEqual(found, {flow: Outcome(SILENT)})
            self.assertEqual(mute.recv(10), b"who\n")
        self.assertEqual((found[flow].evidence.batch, found[flow].evidence.tcp), (1, None))

    def silent(self):
        """What is known of a TCP connection to the port that has no answer."""
        flow = Flow("here", "there", "tcp", _HERE_ADDRESS, self.port)
        outcome = attempt([flow], {"here": None}, 0.2)[flow]
        self.assertEqual(outcome, Outcome(SILENT))
        return outcome

    def test_silence_of_tcp(self):
        """A server that accepts nothing has room for one connection."""
        with socket.create_server(("127.0.0.1", self.port), backlog=0):
            made = self.silent()
            self.assertTrue(made.is_established)
            self.assertFalse(made.evidence.late)
            dropped = self.silent()
        self.assertEqual(dropped.evidence.tcp.name, "SYN_SENT")
        self.assertFalse(dropped.is_established)

    def test_batches(self):
        """They are numbered, and something is done after each."""
        with contextlib.ExitStack() as servers, mock.patch.object(attempts, "_AT_ONCE", 1):
            flows = []
            for _ in range(2):
                mute = servers.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                mute.bind(("127.0.0.1", 0))
                flows.append(Flow("here", "there", "udp", _HERE_ADDRESS, mute.getsockname()[1]))
            done = mock.Mock()
            found = attempt(flows, {"here": None}, 0, done)
        self.assertEqual([found[flow].evidence.batch for flow in flows], [1, 2])
        self.assertEqual(done.call_count, 2)

    def test_late(self):
        """An answer that lies in the socket when the time is over counts: the probe was late."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", self.port))

            @contextlib.contextmanager
            def answered(_):
                yield
                server.sendto(b"shop/api-0 127.0.0.1\n", server.recvfrom(100)[1])

            flow = Flow("here", "there", "udp", _HERE_ADDRESS, self.port)
            with mock.patch.object(attempts, "inside", answered):
                found = attempt([flow], {"here": None}, 0)
        self.assertEqual(found, {flow: Outcome(OPEN, "shop/api-0")})

    def test_real_programs(self):
        """A program of its own answers as it likes: that is open, by an unknown name."""
        for answer in (b"-ERR unknown command\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\1"):
            with socket.create_server(("127.0.0.1", self.port)) as server:
                server.listen()
                self.answers_once(server, answer)
                self.assertEqual(self.attempt("tcp"), [Outcome(OPEN)])

    def answers_once(self, server, answer):
        """Answers the first line of the next client, in a thread."""
        def serve():
            client, _ = server.accept()
            with client:
                client.recv(100)
                client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        self.addCleanup(thread.join)

    def test_dns(self):
        """A DNS server gets a question: over TCP with its length before it."""
        name, number = Flow("a", "b", "udp", _HERE_ADDRESS, 53), struct.Struct("!H")
        question = request(name)
        self.assertEqual(question[4:12], struct.pack("!4H", 1, 0, 0, 0))
        stream = request(Flow("a", "b", "tcp", _HERE_ADDRESS, 53))
        self.assertEqual(stream, number.pack(len(question)) + question)

    def test_established(self):
        """A connection is asked as often as one likes; a web page is one more answer."""
        self.answers.serve("shop/api-0", None, {("tcp", self.port)})
        made = Connection(None, _HERE_ADDRESS, self.port, 5)
        self.addCleanup(made.close)
        self.assertEqual([made.ask(), made.ask()], ["shop/api-0"] * 2)
        with socket.create_connection(("127.0.0.1", self.port), 5) as browser:
            browser.sendall(b"GET / HTTP/1.1\r\n\r\n")
            page = b"".join(iter(lambda: browser.recv(1000), b""))
        self.assertTrue(page.endswith(b"\r\n\r\nshop/api-0 127.0.0.1\n"), page)


if __name__ == "__main__":
    unittest.main()
