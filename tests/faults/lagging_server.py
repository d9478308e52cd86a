"""A second API server whose etcd falls silent: it serves an old state until etcd is heard again."""

from .tcp_proxy import Proxy


class LaggingServer:
    """Another API server of a cluster, which reaches etcd through a proxy. Stop it before the
    cluster."""

    def __init__(self, cluster):
        self._etcd = Proxy(("127.0.0.1", cluster.ports["etcd"]))
        try:
            # A request that needs etcd must fail soon.
            self._second = cluster.second_api_server(self._etcd.port, "--request-timeout=5s")
        except BaseException:
            self._etcd.close()
            raise
        self.address = ("127.0.0.1", self._second.port)

    def lag(self, lagging=True):
        """The server hears nothing of etcd any more, or hears it again."""
        self._etcd.stall(lagging)

    def shows(self, path):
        """The names in the list that the server has in its cache. Some 40 seconds after the begin
        of its lag it has dropped its cache, and shows nothing: an ApiError."""
        items = self._second.api.get(f"{path}?resourceVersion=0")["items"]
        return {item["metadata"]["name"] for item in items}

    def stop(self):
        """Ends the server."""
        self._etcd.stall(False)
        self._second.stop()
        self._etcd.close()
