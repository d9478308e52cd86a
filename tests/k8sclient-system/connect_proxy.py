"""An HTTP proxy on 127.0.0.1 that opens tunnels (CONNECT) to one server."""

import contextlib
import socket
import threading


class ConnectProxy:
    """Opens each tunnel to `target`, an (address, port), for any name. `requests`
    has the header of each CONNECT. Close it at the end."""

    def __init__(self, target):
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.requests = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        """Accepts no more connections."""
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            header = b""
            while b"\r\n\r\n" not in header:
                part = client.recv(4096)
                if not part:
                    return
                header += part
            self.requests.append(header.decode())
            with socket.create_connection(self._target) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_forward, args=(server, client), daemon=True)
                back.start()
                _forward(client, server)
                back.join()


def _forward(source, sink):
    """Copies bytes until either side ends, then ends both."""
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
