"""A client for hostile tenants: it keeps its connection, and sends bodies that kubectl would not
write."""

import http.client
import json
import os
import ssl
import sys
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", "control-plane")]

from controlplane.api import ApiError  # noqa: E402  (needs the path above)

PROTOBUF = "application/vnd.kubernetes.protobuf"
MERGE = "application/merge-patch+json"


class Client:
    """Like controlplane.api.Api, over one connection, so that the measured time contains no TLS
    handshake."""

    def __init__(self, cluster, token):
        self._address = urllib.parse.urlsplit(cluster.server)
        self._tls = ssl.create_default_context(cafile=cluster.ca_file)
        self._token = token
        self._connection = None

    def text(self, method, path, body=None, content_type="application/json"):
        """The body of the answer. ApiError for a status other than 2xx, OSError without an
        answer."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = content_type
            body = body if isinstance(body, bytes) else json.dumps(body)
        try:
            if not self._connection:
                self._connection = http.client.HTTPSConnection(self._address.hostname, self._address.port,
                                                               context=self._tls, timeout=60)
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            content = answer.read().decode(errors="replace")
        except (http.client.HTTPException, OSError) as error:
            self.close()
            raise OSError(f"{method} {path}: {error!r}") from error
        if answer.status // 100 != 2:
            raise ApiError(method, path, answer.status, content.strip()[:500])
        return content

    def get(self, path):
        """The parsed answer to a GET."""
        return json.loads(self.text("GET", path))

    def close(self):
        """Closes the connection. The next request opens a new one."""
        if self._connection:
            self._connection.close()
        self._connection = None


def _varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def _field(number, value):
    """A protobuf field: bytes, text or a number."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    value = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _map(number, pairs):
    return b"".join(_field(number, _field(1, key) + _field(2, value)) for key, value in pairs.items())


def _envelope(version, kind, raw):
    return b"k8s\0" + _field(1, _field(1, version) + _field(2, kind)) + _field(2, raw)


def _meta(name, namespace, labels, annotations):
    return _field(1, name) + _field(3, namespace) + _map(11, labels) + _map(12, annotations)


def pod_bytes(name, namespace, labels, annotations):
    """An unscheduled Pod as protobuf. Its texts may be any bytes."""
    container = _field(1, "main") + _field(2, "example.net/app:1")
    return _envelope("v1", "Pod", _field(1, _meta(name, namespace, labels, annotations))
                     + _field(2, _field(2, container) + _field(19, "none")))


def service_bytes(name, namespace, labels, balancer):
    """A LoadBalancer Service as protobuf. Its `loadBalancerIP` may be any bytes."""
    port = _field(1, "http") + _field(2, "TCP") + _field(3, 80)
    return _envelope("v1", "Service", _field(1, _meta(name, namespace, labels, {})) + _field(
        2, _field(1, port) + _map(2, {"app": "none"}) + _field(4, "LoadBalancer") + _field(8, balancer)))


def slice_bytes(name, namespace, service, target):
    """An EndpointSlice as protobuf. The `targetRef.name` of its endpoint may be any bytes."""
    reference = _field(1, "Pod") + _field(2, namespace) + _field(3, target) + _field(4, "no-uid")
    endpoint = _field(1, "10.0.9.9") + _field(2, _field(1, 1)) + _field(4, reference)
    return _envelope("discovery.k8s.io/v1", "EndpointSlice", _field(1, _meta(
        name, namespace, {"kubernetes.io/service-name": service}, {})) + _field(2, endpoint)
        + _field(3, _field(1, "http") + _field(2, "TCP") + _field(3, 80)) + _field(4, "IPv4"))
