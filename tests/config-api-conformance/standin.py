"""Starts, queries and stops the stand-in. The tests over a socket share it."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

DEADLINE = 30  # seconds until a wait fails


def program():
    """The path of contrail-config-api, from the environment."""
    path = os.environ.get("CONTRAIL_CONFIG_API")
    if not path:
        sys.exit("CONTRAIL_CONFIG_API must name the program contrail-config-api; ctest sets it")
    return path


def wait_until(condition, what):
    """Polls until `condition` returns a true value, and returns that value."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError(f"{what}: did not happen within {DEADLINE} seconds")


class Answer:
    """Status, headers and body of an answer."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Client:
    """A keep-alive connection."""

    def __init__(self, address, timeout=DEADLINE):
        self.connection = http.client.HTTPConnection(*address, timeout=timeout)

    def send(self, method, target, body=None):
        """Sends a request. A body that is not bytes is sent as JSON."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.connection.request(method, target, body, {"Content-Type": "application/json"})
        return Answer(self.connection.getresponse())

    def close(self):
        self.connection.close()


class StandIn:
    """A running stand-in on a free port, with a control address. It is a context manager."""

    def __init__(self, *flags):
        command = [program(), "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", *map(str, flags)]
        self.output = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.output, text=True)
        control = self._read_line("control on ")
        self.address = self._parse(self._read_line("listening on "))
        self.control_address = self._parse(control)
        self.lines = []
        threading.Thread(target=self._collect, daemon=True).start()

    def _read_line(self, prefix):
        line = self.process.stdout.readline()
        if not line.startswith(prefix):
            self.process.kill()
            self.process.wait()
            self.output.seek(0)
            raise AssertionError(f"expected '{prefix}...', got '{line}' and {self.output.read()}")
        return line[len(prefix):].strip()

    @staticmethod
    def _parse(url):
        host, port = url.removeprefix("http://").rsplit(":", 1)
        return host, int(port)

    def _collect(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def client(self, timeout=DEADLINE):
        return Client(self.address, timeout)

    def send(self, method, target, body=None):
        """Sends a request on a new connection."""
        with contextlib.closing(self.client()) as client:
            return client.send(method, target, body)

    def control(self, method, path, body=None):
        with contextlib.closing(Client(self.control_address)) as client:
            answer = client.send(method, "/_control" + path, body)
        return answer.status, answer.json()

    def faults(self, **settings):
        """Changes fault settings. Underscores in names stand for dashes."""
        status, answer = self.control("PUT", "/faults", {name.replace("_", "-"): value for name, value in settings.items()})
        assert status == 200, answer

    def stats(self):
        return self.control("GET", "/stats")[1]

    def dump(self):
        return self.control("GET", "/dump")[1]

    def create_project(self, name, client=None):
        body = {"project": {"fq_name": ["default-domain", name], "parent_type": "domain"}}
        return (client or self).send("POST", "/projects", body)

    def project_names(self):
        return [row["fq_name"][-1] for row in self.dump()["project"]]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Sends SIGTERM and returns the exit status."""
        self.process.terminate()
        return self.process.wait(DEADLINE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        self.process.stdout.close()
        self.output.close()
