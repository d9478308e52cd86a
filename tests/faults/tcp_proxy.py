"""A TCP proxy on 127.0.0.1 that injects network faults."""

import collections
import contextlib
import select
import socket
import threading


class Proxy:
    """Forwards connections to `target`, an (address, port). Faults are counted, so that a test
    can assert that they occurred. `address`: where it listens. Close it at the end."""

    def __init__(self, target, address=("127.0.0.1", 0)):
        self._target = target
        self._pairs = set()
        self._lock = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
        self._refusing = False
        self._delay = 0
        self._closed = threading.Event()
        self._cut_after = None
        self.connections = collections.Counter()  # of each target
        self.cuts = 0  # connections that were ended by a fault
        self.bytes_down = 0  # from the server
        self._listen(address)
        self.port = self._address[1]

    def _listen(self, address):
        self._listener = socket.create_server(address)
        self._address = self._listener.getsockname()
        self._accepting = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._accepting.start()

    def _stop_listening(self):
        with contextlib.suppress(OSError):  # it may be closed already
            self._listener.shutdown(socket.SHUT_RDWR)  # accept() would go on in spite of close()
        self._listener.close()
        self._accepting.join()

    def cut(self):
        """Ends all connections."""
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self.cuts += 1
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def open(self):
        """The number of open connections."""
        with self._lock:
            return len(self._pairs)

    def refuse(self, refusing=True):
        """Ends all connections, and closes each new one at once."""
        self._refusing = refusing
        if refusing:
            self.cut()

    def down(self):
        """Ends all connections. Nothing listens until `up`: the kernel refuses new ones."""
        self._stop_listening()
        self.cut()

    def up(self):
        """Listens again, at the same address."""
        self._listen(self._address)

    def slow(self, seconds):
        """What clients send is forwarded this much later, each piece for itself; 0 ends that."""
        self._delay = seconds

    def lead_to(self, target):
        """Ends all connections; new ones go to another server."""
        self._target = target
        self.cut()

    def stall(self, stalled=True):
        """Keeps connections open without forwarding."""
        if stalled:
            self._flowing.clear()
        else:
            self._flowing.set()

    def cut_after(self, count):
        """Ends the next connection that has carried `count` more bytes from the server."""
        self._cut_after = count

    def close(self):
        """Closes the listener and all connections."""
        self._closed.set()
        self._stop_listening()
        self.cut()
        self._flowing.set()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if self._refusing:
                client.close()
                continue
            target = self._target
            try:
                server = socket.create_connection(target, timeout=5)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            self.connections[target] += 1
            with self._lock:
                self._pairs.add((client, server))
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client, server):
        pair = (client, server)
        with contextlib.suppress(OSError):
            while self._step(client, server):
                pass
        with self._lock:
            self._pairs.discard(pair)
        for end in pair:
            end.close()

    def _step(self, client, server):
        """Forwards the data that is ready. Returns False at the end of the connection."""
        for source in select.select([client, server], [], [])[0]:
            data = source.recv(65536)
            self._flowing.wait()
            if not data:
                return False
            if source is client:
                self._closed.wait(self._delay)
                server.sendall(data)
                continue
            if self._cut_after is not None:
                data = data[:self._cut_after]
                self._cut_after -= len(data)
            client.sendall(data)
            self.bytes_down += len(data)
            if self._cut_after == 0:
                self._cut_after = None
                self.cuts += 1
                return False
        return True
