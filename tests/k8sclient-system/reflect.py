"""Runs the program k8s_reflect, which consists of the library under test."""

import json
import os
import queue
import subprocess
import threading
import time

PROGRAM = os.environ["K8S_REFLECT"]


class Reflect:
    """A running k8s_reflect. As a context manager it asserts an orderly end."""

    def __init__(self, kubeconfig, *arguments):
        self.said = []  # all lines that it has printed
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            [PROGRAM, "--kubeconfig", kubeconfig, *arguments], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def expect(self, matches, what, seconds=60):
        """The next line for which `matches` is true."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{what}: not within {seconds} s; last was {self.said[-3:]}") from None
            if line is None:
                raise AssertionError(f"{what}: the program ended; last was {self.said[-3:]}")
            self.said.append(line)
            if matches(line):
                return line

    def expect_synced(self):
        """Waits until all four kinds are synced."""
        for _ in range(4):
            self.expect(lambda line: "synced" in line, "synced")

    def ask(self, *words):
        """Sends a command and returns its answer."""
        self._process.stdin.write(" ".join(words) + "\n")
        self._process.stdin.flush()
        keys = {"dump": "dump", "get": "got"}.get(words[0], "outcome")
        return self.expect(lambda line: keys in line, " ".join(words))

    def dump(self):
        """Kind → the objects and counters of its reflector."""
        return self.ask("dump")["dump"]

    def until(self, condition, what, seconds=60):
        """Requests dumps until `condition(dump)` is true, and returns that dump."""
        deadline = time.monotonic() + seconds
        while True:
            dump = self.dump()
            if condition(dump):
                return dump
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds} s; last is {str(dump)[:3000]}")
            time.sleep(0.05)

    def peak_memory(self):
        """The largest memory that the program has had so far, in bytes."""
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as lines:
            return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))

    def deleted(self):
        """The objects whose deletion it has reported, in order."""
        return [line["delete"] for line in self.said if "delete" in line]

    def end(self):
        """Closes the program's input, which must make it cancel and join everything. Returns the
        exit code."""
        self._process.stdin.close()
        code = self._process.wait(timeout=60)
        self._reader.join()
        self._process.stdout.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self._process.kill()
            self.end()
            return
        code = self.end()
        if code != 0:
            raise AssertionError(f"the program ended with {code}")
        while (line := self._lines.get(timeout=60)) is not None:
            self.said.append(line)
        if {"ended": True} not in self.said:
            raise AssertionError(f"the program did not end in order: {self.said[-3:]}")


def refused(kubeconfig, *arguments):
    """The fatal error of a program that ends at once."""
    done = subprocess.run([PROGRAM, "--kubeconfig", kubeconfig, *arguments], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    if done.returncode == 0:
        raise AssertionError(f"the program started: {done.stdout}")
    return json.loads(done.stdout.splitlines()[-1])["fatal"]
