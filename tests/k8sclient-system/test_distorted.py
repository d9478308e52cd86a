"""What a real API server says arrives distorted, in protobuf and in JSON: damaged bytes, wrong and
huge lengths, objects of another kind, versions that go back."""

import itertools
import random
import re
import unittest

from reflect import Reflect
from shared import KEEP, ClusterTest, DistortedTest

from controlplane import wait_for
from faults.distorter import event_of, status_of, with_status
from faults.http_proxy import Cut
from faults.protobuf import first_item, varint, with_version

setUpModule, tearDownModule = ClusterTest.start_cluster, ClusterTest.stop_cluster

_MEGABYTE = 1 << 20
_MOST_MEMORY = 160 * _MEGABYTE  # of the program; an object may have 16
_SEED, _FLIPS = 17, 40
_FAR = "999999999"  # a version


class Distorted(DistortedTest):
    """In the end the library holds the objects that kubectl shows, it has reported no deletion, and
    it has not asked more often than the faults explain."""

    def setUp(self):
        super().setUp()
        self.requests = 0

    def change_one_frame(self, program, change, label):
        """Distorts one frame with a change of a Pod, and then changes another Pod."""
        left = [change]
        self.proxy.distort("pods", lambda frame, protobuf: left.pop()(frame, protobuf) if left else frame)
        self.provoke(label)
        self.label(label, "host")
        self.assert_agrees(program, 120)

    def provoke(self, label):
        """Changes a Pod until one more frame was distorted: a list may come before the watch."""
        numbers, done = itertools.count(), self.proxy.done

        def changed():
            self.label(f"{label}-{next(numbers)}")
            return self.proxy.done > done

        wait_for(changed, 120, "a distorted frame")

    def assert_calm(self, program, faults):
        """Few requests for Pods, and no deletion."""
        asked = self.proxy.asked_for("pods", True) + self.proxy.asked_for("pods", False) - self.requests
        self.requests += asked
        self.assertLessEqual(asked, 4 + 4 * faults)
        self.assertEqual(program.deleted(), [])

    def test_flipped_bits(self):
        chance = random.Random(_SEED)

        def flip(frame, _):
            at = chance.randrange(len(frame))
            return frame[:at] + bytes([frame[at] ^ 1 << chance.randrange(8)]) + frame[at + 1:]

        def check(program):
            done = self.proxy.done
            self.proxy.distort("pods", flip)
            for number in range(_FLIPS):
                self.provoke(f"flip-{number}")
            self.proxy.honest("pods")
            self.wait_watched()
            self.proxy.relist("pods")
            self.assert_agrees(program, 120)
            asked = self.proxy.asked_for("pods", True) + self.proxy.asked_for("pods", False)
            self.assertLessEqual(asked - self.requests, 8 + 4 * (self.proxy.done - done))
            self.requests = asked

        self.in_both_encodings(check)

    def test_wrong_lengths_of_frames(self):
        def longer(frame, protobuf):
            return _length(frame, +1) if protobuf else frame[:-1]

        def shorter(frame, protobuf):
            return _length(frame, -1) if protobuf else frame[:200] + b"\n" + frame[200:]

        def check(program):
            for name, change in (("longer", longer), ("shorter", shorter)):
                self.change_one_frame(program, change, name)
            self.assert_calm(program, 2)

        self.in_both_encodings(check)

    def test_a_frame_with_the_length_of_a_gigabyte(self):
        """The frames that follow are in it, as far as its length says."""
        def huge(frame, protobuf):
            if protobuf:
                return (1 << 30).to_bytes(4, "big") + frame[4:]
            return _padded(frame)

        def check(program):
            self.change_one_frame(program, huge, "huge")
            self.assertLess(program.peak_memory(), _MOST_MEMORY)
            self.assert_calm(program, 1)

        self.in_both_encodings(check)

    def test_lists_with_wrong_lengths(self):
        """The HTTP lengths of a list are wrong: too short, too long, a gigabyte."""
        def too_short(exchange):
            content_type, body = self.proxy.lists["pods"][-1]
            exchange.say(200, body[:-10], content_type)

        def too_long(exchange):
            content_type, body = self.proxy.lists["pods"][-1]
            exchange.begin(200, [("Content-Type", content_type)])
            exchange.wfile.write(b"40000000\r\n" + body)
            raise Cut

        def announced(exchange):
            content_type, body = self.proxy.lists["pods"][-1]
            exchange.send_response(200)
            exchange.send_header("Content-Type", content_type)
            exchange.send_header("Content-Length", str(1 << 30))
            exchange.end_headers()
            exchange.wfile.write(body)
            raise Cut

        def check(program):
            done = self.proxy.done
            self.proxy.reply("pods", False, too_short, too_long, announced)
            self.proxy.relist("pods")
            self.wait_distorted(done + 4)
            self.assert_agrees(program)
            self.assertLess(program.peak_memory(), _MOST_MEMORY)
            self.assert_calm(program, 4)

        self.in_both_encodings(check)

    def test_a_damaged_list(self):
        """An item has the length of a gigabyte, or a brace is missing: the list deletes nothing."""
        def damaged(body, protobuf):
            if not protobuf:
                return body.replace(b'"spec":{', b'"spec":', 1)
            at = first_item(body) + 1
            return body[:at] + varint(1 << 30) + body[at + 1:]

        def check(program):
            done = self.proxy.done
            left = [damaged] * 3
            self.proxy.distort_list("pods", lambda body, protobuf: left.pop()(body, protobuf) if left else body)
            self.proxy.relist("pods")
            self.wait_distorted(done + 4)
            self.assert_agrees(program)
            self.assert_calm(program, 4)

        self.in_both_encodings(check)

    def test_a_status_where_a_list_should_be(self):
        def check(program):
            done = self.proxy.done
            self.proxy.reply("pods", False, *[with_status] * 3)
            self.proxy.relist("pods")
            self.wait_distorted(done + 4)
            self.assert_agrees(program)
            self.assertTrue(any("not a 'v1 PodList'" in line.get("log", "") for line in program.said))
            self.assert_calm(program, 4)

        self.in_both_encodings(check)

    def test_another_object_where_a_pod_should_be(self):
        """A Status, and an object of another kind, in each type of event."""
        found = {}

        def remember_status(exchange):
            found["status"] = status_of(exchange)[1]
            with_status(exchange)

        def check(program):
            done = self.proxy.done
            self.proxy.reply("pods", False, remember_status)
            self.proxy.relist("pods")
            self.wait_distorted(done + 2)
            for event in ("ADDED", "MODIFIED", "DELETED"):
                self.change_one_frame(program, lambda _, protobuf, e=event: event_of(e, found["status"], protobuf),
                                      f"status-{event.lower()}")
            self.change_one_frame(program, lambda frame, _: frame.replace(b"Pod", b"Bud", 1), "kind")
            self.assertTrue(any("not a 'v1 Pod'" in line.get("log", "") for line in program.said))
            self.assert_calm(program, 6)

        self.in_both_encodings(check)

    def test_events_of_the_past(self):
        """A watch shows an old event again, a deletion too: that ends the watch, and nothing is
        deleted."""
        def check(program):
            self.cluster.kubectl("run", "again", "-n", "shop", "--image=x")
            self.cluster.kubectl("delete", "pod", "again", "-n", "shop", "--now")
            self.cluster.kubectl("run", "again", "-n", "shop", "--image=x")
            self.cluster.kubectl("wait", "-n", "shop", "--for=condition=Ready", "pod/again")
            self.assert_agrees(program)
            deleted = next(frame for frame in self.proxy.frames["pods"] if b"DELETED" in frame and b"again" in frame)
            before = program.deleted()
            self.change_one_frame(program, lambda frame, _: frame + deleted, "past")
            self.assertEqual(program.deleted(), before)
            self.assertTrue(any("the watch shows an older version" in line.get("log", "") for line in program.said))
            self.cluster.kubectl("delete", "pod", "again", "-n", "shop", "--now")
            self.proxy.frames["pods"].clear()

        self.in_both_encodings(check)

    def test_lists_of_the_past(self):
        """Two lists from before a Pod was created do not delete it."""
        def check(program):
            old = self.proxy.lists["pods"][-1]
            self.cluster.kubectl("run", "late", "-n", "shop", "--image=x")
            self.cluster.kubectl("wait", "-n", "shop", "--for=condition=Ready", "pod/late")
            self.assert_agrees(program)
            done = self.proxy.done
            self.proxy.reply("pods", False, *[lambda exchange: exchange.say(200, old[1], old[0])] * 2)
            self.proxy.relist("pods")
            self.wait_distorted(done + 3)
            self.assert_agrees(program)
            self.assert_calm(program, 3)
            self.assertTrue(any("lists an older state than before" in line.get("log", "") for line in program.said))
            self.cluster.kubectl("delete", "pod", "late", "-n", "shop", "--now")

        self.in_both_encodings(check)

    def test_a_version_of_the_future(self):
        """An event has a version that the server never had: the library watches from there, is
        refused, and believes the server's lists again."""
        def believes(program):
            return any("the older state of the server is believed" in line.get("log", "") for line in program.said)

        def check(program):
            # A watch that is begun again at this moment does not hear the event.
            for number in range(5):
                if not believes(program):
                    self.change_one_frame(program, _of_the_future, f"future-{number}")
            self.assertTrue(believes(program))
            self.assertEqual(program.deleted(), [])

        self.in_both_encodings(check, "--silence=2000")


def _of_the_future(frame, protobuf):
    """The frame with a version that the server does not reach."""
    if protobuf:
        return with_version(frame, _FAR)
    return re.sub(rb'"resourceVersion":"[0-9]+"', b'"resourceVersion":"%s"' % _FAR.encode(), frame, count=1)


def _length(frame, difference):
    """The frame with another length before it."""
    return (len(frame) - 4 + difference).to_bytes(4, "big") + frame[4:]


def _padded(frame):
    """A line of more than 64 MB, whose end is that of the next frame."""
    yield frame[:-1]
    for _ in range(64):
        yield b" " * _MEGABYTE


class DistortedFromTheStart(DistortedTest):
    """The first list is distorted."""

    def test_a_first_list_that_is_no_list(self):
        for encoding in ([], ["--json"]):
            with self.subTest(encoding):
                done = self.proxy.done
                self.proxy.reply("pods", False, *[with_status] * 3)
                with Reflect(self.kubeconfig, *KEEP, *encoding) as program:
                    program.expect_synced()
                    self.assertEqual(self.proxy.done, done + 3)
                    self.assert_agrees(program)


if __name__ == "__main__":
    unittest.main()
