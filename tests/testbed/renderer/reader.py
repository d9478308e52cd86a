"""Reads a config API server. Nothing but GET requests for lists: it changes nothing there."""

import http.client
import json
from urllib.parse import urlsplit

from .config import TYPES


class ReadError(Exception):
    """The server cannot be read; nothing is known of its objects then."""


class Reader:
    """A keep-alive connection to `url`, http://HOST:PORT."""

    def __init__(self, url, timeout=30):
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ReadError(f"{url} is not http://HOST:PORT")
        self._url = url
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port or 8082,
                                                      timeout=timeout)

    def bodies(self):
        """type → the list's body, for all types that matter. Raises ReadError if any is missing:
        half of the objects would close what is open."""
        return {kind: self._list(kind) for kind in TYPES}

    def close(self):
        """Closes the connection."""
        self._connection.close()

    def _list(self, kind):
        target = f"/{kind}s?detail=true"
        try:
            return self._get(target)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ReadError(f"{self._url}{target}: {error or type(error).__name__}") from error

    def _get(self, target):
        try:
            return self._once(target)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._connection.close()  # a kept connection may have ended in the meantime
            return self._once(target)

    def _once(self, target):
        self._connection.request("GET", target, headers={"Accept": "application/json"})
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise ReadError(f"{self._url}{target}: status {response.status}")
        return body


def objects(bodies):
    """type → list of objects, of Reader.bodies()."""
    found = {}
    for kind, body in bodies.items():
        try:
            found[kind] = [entry[kind] for entry in json.loads(body)[f"{kind}s"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ReadError(f"the answer to /{kind}s is not a list of {kind}s") from error
    return found
