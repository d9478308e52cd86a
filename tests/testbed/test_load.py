"""Load clients without a testbed: requests to servers on the loopback interface, and what is made
of their records."""

import socket
import threading
import time
import unittest
from ipaddress import ip_address

import paths  # extends sys.path
from controlplane import wait_for
from load.client import Client
from load.lifecycle import is_named
from load.record import (ENDED, KEPT, NEW, Record, answerers, failed, figures,
                         first_answer, last_answer, of_kind, parse, silent)
from matrix.answers import Answers
from matrix.flow import OPEN, REFUSED, SILENT, Flow

_LOOPBACK = ip_address("127.0.0.1")


class Requests(unittest.TestCase):
    """What a client notes."""

    def client(self, port, limit=30):
        """A running client, and its records."""
        records = []
        client = Client(Flow("", "", "tcp", _LOOPBACK, port), 0.005, limit, records.append)
        thread = threading.Thread(target=client.run)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(client.end)
        return client, thread, records

    def listener(self):
        """A server that accepts nothing, and so answers nothing."""
        server = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.addCleanup(server.close)
        return server

    def answering(self, name, port):
        """A server with a name."""
        answers = Answers()
        self.addCleanup(answers.close)
        answers.serve(name, None, {("tcp", port)})
        return answers

    def free_port(self):
        """A port at which nothing listens."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            return server.getsockname()[1]

    def test_answers(self):
        """Requests of both kinds, one after the other."""
        port = self.free_port()
        self.answering("shop/web-0", port)
        client, thread, records = self.client(port)
        wait_for(lambda: all(len(of_kind(records, kind)) >= 20 for kind in (NEW, KEPT)), 30,
                 "requests of both kinds")
        client.end()
        thread.join()
        self.assertEqual(failed(records), [])
        self.assertEqual(answerers(records), {"shop/web-0"})
        for kind in (NEW, KEPT):
            begun = [record.begun for record in of_kind(records, kind)]
            self.assertEqual(len(begun), len(set(begun)))

    def test_no_server(self):
        """Each request is refused; later ones are answered."""
        port = self.free_port()
        _, _, records = self.client(port)
        wait_for(lambda: len(records) >= 20, 30, "requests")
        self.assertEqual({record.outcome for record in records}, {REFUSED})
        began = time.monotonic()
        self.answering("shop/web-0", port)
        wait_for(lambda: first_answer(of_kind(records, KEPT), began), 30, "an answer")

    def test_silence(self):
        """A request without an answer fails after the limit; on a kept connection it goes on
        waiting, and an answer that comes later counts."""
        server = self.listener()
        _, _, records = self.client(server.getsockname()[1], limit=0.2)
        wait_for(lambda: all(len(silent(of_kind(records, kind))) >= 2 for kind in (NEW, KEPT)), 30,
                 "requests of both kinds without an answer")
        self.assertEqual(answerers(records), set())
        self.assertEqual(len({record.begun for record in of_kind(records, KEPT)}), 1)
        stop = threading.Event()
        self.addCleanup(stop.set)
        threading.Thread(target=_answer, args=(server, stop), daemon=True).start()
        wait_for(lambda: answerers(of_kind(records, KEPT)), 30, "the answer")

    def test_the_end_of_an_idle_connection(self):
        """It is no failed request, and the next request has a new connection."""
        port = self.free_port()
        answers = self.answering("shop/web-0", port)
        _, _, records = self.client(port)
        wait_for(lambda: answerers(of_kind(records, KEPT)), 30, "an answer")
        ended = 0
        while not ended:  # by chance a request is under way at that moment
            answers.forget("shop/web-0")
            answers.serve("shop/web-1", None, {("tcp", port)})
            answers.forget("shop/web-1")
            answers.serve("shop/web-0", None, {("tcp", port)})
            moment = time.monotonic()
            wait_for(lambda since=moment: first_answer(of_kind(records, KEPT), since), 30,
                     "an answer over a new connection")
            ended = [record.outcome for record in records].count(ENDED)


def _answer(server, stop):
    server.settimeout(0.1)
    clients = []
    while not stop.is_set():
        try:
            clients.append(server.accept()[0])
            clients[-1].sendall(b"shop/late 127.0.0.1\n")
        except OSError:
            pass  # the client has gone, or none came
    for client in clients:
        client.close()


class Records(unittest.TestCase):
    """What is made of records."""

    seen = [Record(NEW, 1, 1.5, OPEN, "a"), Record(KEPT, 2, 4, SILENT), Record(NEW, 2, 3, OPEN, "b", 1),
            Record(NEW, 5, 5, REFUSED), Record(KEPT, 6, 6, ENDED)]

    def test_lines(self):
        """A record survives the file."""
        for record in self.seen:
            self.assertEqual(parse(record.line()), record)

    def test_questions(self):
        """An ended connection is no failure."""
        self.assertEqual(failed(self.seen), [self.seen[1], self.seen[3]])
        self.assertEqual(silent(self.seen), [self.seen[1]])
        self.assertEqual(answerers(self.seen), {"a", "b"})
        self.assertEqual(first_answer(self.seen, 2), 3)
        self.assertIsNone(first_answer(self.seen, 3.1))
        self.assertEqual(last_answer(self.seen), 3)
        self.assertIsNone(last_answer(self.seen[3:]))

    def test_figures(self):
        """One sentence."""
        self.assertEqual(figures(of_kind(self.seen, NEW)), "3 requests, 1 failed; half within 1000 "
                         "ms, the slowest answer 1000 ms; 1 with packets sent again")
        self.assertEqual(figures([]), "0 requests, 0 failed; 0 with packets sent again")


class Balancers(unittest.TestCase):
    """Whether a load balancer of OVN leads to a Pod."""

    def named(self, *addresses, text):
        """Of a Pod with these addresses."""
        return is_named(map(ip_address, addresses), text)

    def test_names(self):
        """As `ovn-nbctl` writes them, with and without ports."""
        for text in ('10.254.0.1:80="10.0.0.7:3000"', '10.254.0.1:80="10.0.0.9:1,10.0.0.7:1"',
                     '10.254.0.1="10.0.0.7"', '10.254.0.1="10.0.0.7,10.0.0.9"'):
            self.assertTrue(self.named("10.0.0.7", text=text), text)
        for text in ("", '10.254.0.1:80=""', '10.254.0.1:80="10.0.0.70:3000,110.0.0.7:1"'):
            self.assertFalse(self.named("10.0.0.7", text=text), text)

    def test_both_families(self):
        """An address of IPv6 is in brackets if it has a port."""
        self.assertTrue(self.named("10.0.0.7", "fd00::7", text='"[fd00:254::3]:80"="[fd00::7]:1"'))
        self.assertTrue(self.named("fd00::7", text='"fd00:254::3"="fd00::7,fd00::9"'))
        self.assertFalse(self.named("fd00::7", text='"[fd00:254::3]:80"="[fd00::71]:1,[fd00::7:1]:2"'))


if __name__ == "__main__":
    unittest.main()
