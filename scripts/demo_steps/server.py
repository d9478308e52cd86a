"""The project's own programs, as children of the demo."""

import http.client
import json
import time

from controlplane import process


class DemoError(Exception):
    """The demo cannot go on; the text says why."""


class Server:
    """One program that listens on 127.0.0.1: started, waited for, stopped. The
    kernel kills it should the demo be killed."""

    def __init__(self, name, argv, port, log, state_port=None):
        self.name = name
        self.port = port
        self.state_port = state_port  # where its state is served elsewhere
        self.log = log
        self._process = process.spawn(argv, log)

    @property
    def url(self):
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def state_url(self):
        """Where it serves its state."""
        return f"http://127.0.0.1:{self.state_port}"

    @property
    def pid(self):
        """Its process id."""
        return self._process.pid

    def check(self):
        """DemoError, with its last words, if it has ended."""
        code = process.exit_code(self._process)
        if code is not None:
            raise DemoError(f"{self.name} ended with exit code {code}. Its last words:\n"
                            f"{process.tail(self.log)}")

    def get(self, path, accept=(200,), port=None):
        """The answer to GET `path` as text; None where there is none, or another
        status than those of `accept`."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return text if answer.status in accept else None

    def get_state(self):
        """Its state; None where there is none."""
        try:
            return json.loads(self.get("/state", port=self.state_port) or "null")
        except ValueError:
            return None

    def wait_for(self, path, seconds):
        """Waits until GET `path` is answered with 200."""
        deadline = time.monotonic() + seconds
        while self.get(path) is None:
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{self.name} did not answer {self.url}{path} within {seconds} s: "
                                f"{self.get(path, accept=range(600)) or 'no connection'}\n"
                                f"Its last words:\n{process.tail(self.log)}")
            time.sleep(0.05)

    def stop(self):
        """Ends it: SIGTERM, after some seconds SIGKILL."""
        process.stop(self._process)
