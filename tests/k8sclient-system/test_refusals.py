"""The API server refuses: versions that are gone, errors in streams, too many requests, streaming
lists."""

import time
import unittest

from reflect import Reflect
from shared import KEEP, ClusterTest, DistortedTest

from controlplane import Cluster
from faults.distorter import error_event, status

setUpModule, tearDownModule = ClusterTest.start_cluster, ClusterTest.stop_cluster

_IN_AN_HOUR = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 3600))


class Refusals(DistortedTest):
    """The proxy answers in the server's place. Each fault costs one request, and no deletion."""

    def count(self, kind, watch):
        """The number of requests so far."""
        return self.proxy.asked_for(kind, watch)

    def assert_survived(self, program, said, requests):
        """Each refusal was met by a request, the last of them successful, and was logged."""
        self.assert_agrees(program)
        self.assertEqual(program.deleted(), [])
        self.assertTrue(any(said in line.get("log", "") for line in program.said), program.said[-20:])
        found = {kind: self.count(*kind) for kind in requests}
        for kind, most in requests.items():
            self.assertLessEqual(found[kind], most, found)

    def test_410_for_the_next_page_of_a_list(self):
        """The list is repeated in one piece."""
        for encoding in ([], ["--json"]):
            with self.subTest(encoding):
                before = self.count("pods", False)
                self.proxy.reply("pods", False, None, status(410, "Expired", "the continue token is too old"))
                with Reflect(self.kubeconfig, *KEEP, *encoding, "--page-size=1") as program:
                    program.expect_synced()
                    self.assert_agrees(program)
                    self.assertEqual(program.dump()["pods"]["pages"], 3)
                self.assertEqual(self.count("pods", False), before + 3)

    def test_410_for_a_watch(self):
        def check(program):
            lists, watches = self.count("pods", False), self.count("pods", True)
            self.proxy.relist("pods")
            program.until(lambda dump: dump["pods"]["lists"] == 2, "a second list")
            self.wait_watched()
            self.label("after-410")
            self.assert_survived(program, "410", {("pods", False): lists + 1, ("pods", True): watches + 2})

        self.in_both_encodings(check)

    def test_errors_inside_a_stream(self):
        """A 410 leads to a list, any other error to another watch."""
        def check(program):
            for number, (code, reason, lists) in enumerate([(410, "Expired", 1), (500, "InternalError", 0),
                                                            (429, "TooManyRequests", 0)]):
                asked, watches = self.count("pods", False), self.count("pods", True)
                done = self.proxy.done
                self.proxy.reply("pods", True, error_event(code, reason))
                self.wait_watched()
                self.proxy.end_watches("pods")
                self.wait_distorted(done + 1)
                self.wait_watched()
                self.label(f"after-error-{number}")
                self.assert_survived(program, f"{code}", {("pods", False): asked + lists, ("pods", True): watches + 3})

        self.in_both_encodings(check)

    def test_storms_of_429(self):
        """The server sets the pace, if its Retry-After is a number of seconds. A date, a negative
        or an impossible number leaves the library's own backoff, and a huge one has a limit."""
        for text, at_least in (("1", 1), (_IN_AN_HOUR, 0), ("-5", 0), ("99999999999999999999", 0), ("4000000000", 2)):
            for code, reason in ((429, "TooManyRequests"), (503, "ServiceUnavailable")):
                with self.subTest(retry_after=text, code=code):
                    self.storm(code, reason, text, at_least)

    def storm(self, code, reason, retry_after, at_least):
        """The first three lists of Pods, and then three watches, are refused."""
        times, done = [], self.proxy.done

        def refuse(exchange):
            times.append(time.monotonic())
            status(code, reason, Retry_After=retry_after)(exchange)

        lists, watches = self.count("pods", False), self.count("pods", True)
        self.proxy.reply("pods", False, *[refuse] * 3)
        with Reflect(self.kubeconfig, *KEEP, "--max-retry-after=2") as program:
            program.expect_synced()
            self.wait_watched()
            self.proxy.reply("pods", True, *[refuse] * 3)
            self.proxy.end_watches("pods")
            self.wait_distorted(done + 6)
            self.wait_watched()
            self.label("after-storm")
            self.assert_survived(program, str(code), {("pods", False): lists + 4, ("pods", True): watches + 5})
        for before, after in ((0, 1), (1, 2), (3, 4), (4, 5)):
            self.assertGreaterEqual(times[after] - times[before], at_least)

    def test_streaming_lists_that_a_proxy_refuses(self):
        for code, reason in ((400, "BadRequest"), (422, "Invalid")):
            with self.subTest(code=code):
                lists, done = self.count("pods", False), self.proxy.done
                self.proxy.reply("pods", True, status(code, reason, "sendInitialEvents: Forbidden"))
                with Reflect(self.kubeconfig, *KEEP, "--streaming-list") as program:
                    program.expect_synced()
                    self.assertEqual(self.proxy.done, done + 1)
                    self.assert_survived(program, "lists are used from now on", {("pods", False): lists + 1})
                    self.assertEqual(program.dump()["services"]["failures"], 0)


class WithoutStreamingLists(unittest.TestCase):
    """A real API server that does not have them."""

    def test_lists_are_used(self):
        with Cluster.start(extra={"kube-apiserver": ["--feature-gates=WatchList=false"],
                                  "kube-controller-manager": ["--feature-gates=WatchListClient=false"]}) as own:
            with Reflect(own.kubeconfig, "--streaming-list") as program:
                program.expect_synced()
                own.kubectl("create", "namespace", "new")
                dump = program.until(lambda d: "new" in d["namespaces"]["objects"], "the new Namespace")
                for kind, content in dump.items():
                    self.assertEqual((content["lists"], content["pages"], content["failures"]), (1, 1, 1), kind)


if __name__ == "__main__":
    unittest.main()
