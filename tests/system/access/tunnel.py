"""A proxy for CONNECT that wants a password."""

import base64
import contextlib
import http.server
import secrets
import select
import socket
import threading


class Tunnel:
    """Opens a tunnel to 127.0.0.1, for any name. `url` has the user and the password.
    Close it at the end."""

    def __init__(self):
        self.password = secrets.token_hex(20)
        self.opened = 0  # tunnels so far
        self.login = base64.b64encode(f"proxy-user:{self.password}".encode()).decode()
        tunnel = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One connection of a client."""
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self):  # noqa: N802
                """Forwards everything from now on."""
                self.close_connection = True
                if self.headers.get("Proxy-Authorization") != f"Basic {tunnel.login}":
                    self.send_error(407)
                    return
                with socket.create_connection(("127.0.0.1", int(self.path.rsplit(":", 1)[1]))) as server:
                    self.send_response(200)
                    self.end_headers()
                    tunnel.opened += 1
                    with contextlib.suppress(OSError):
                        while self._forwarded({self.connection: server, server: self.connection}):
                            pass

            @staticmethod
            def _forwarded(other):
                for source in select.select(list(other), [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return False
                    other[source].sendall(data)
                return True

            def log_message(self, *_):
                """Prints nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://proxy-user:{self.password}@127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()
