"""A small API client, sufficient to start a cluster and to test it."""

import http.client
import json
import ssl
import urllib.parse


class ApiError(Exception):
    """The API server refused a request; `code` is the HTTP status."""

    def __init__(self, method, path, code, message):
        super().__init__(f"{method} {path}: {code} {message}")
        self.code = code


class Api:
    """Requests to one API server with one token."""

    def __init__(self, server, ca_file, token, timeout=10):
        self._address = urllib.parse.urlsplit(server)
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._token = token
        self._timeout = timeout

    def text(self, method, path, body=None, content_type="application/json"):
        """The body of the answer as text. `body` is sent as JSON, or unchanged if it is bytes.
        ApiError for a status other than 2xx, OSError without a connection."""
        connection = http.client.HTTPSConnection(
            self._address.hostname, self._address.port, context=self._tls, timeout=self._timeout)
        try:
            headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
            if body is not None:
                headers["Content-Type"] = content_type
                body = body if isinstance(body, bytes) else json.dumps(body)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read().decode()
        except http.client.HTTPException as error:
            raise OSError(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        if answer.status // 100 != 2:
            raise ApiError(method, path, answer.status, content.strip()[:2000])
        return content

    def get(self, path):
        """The parsed answer to a GET."""
        return json.loads(self.text("GET", path))

    def post(self, path, body):
        """The parsed answer to a POST."""
        return json.loads(self.text("POST", path, body))

    def merge(self, path, body):
        """The parsed answer to a JSON merge patch."""
        return json.loads(self.text("PATCH", path, body, "application/merge-patch+json"))
