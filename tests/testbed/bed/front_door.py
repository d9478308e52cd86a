"""A port of this machine's loopback interface that leads to the outside's way in: people open the
application in their own browser."""

import json
import os
import sys

from controlplane import free_port, process
from nodes import gate


class FrontDoor:
    """Started by __init__; it serves at `url`. A process in the namespace `outside` (of a Layout)
    connects from there to (address, port), by the gateway."""

    def __init__(self, layout, address, port):
        listen = ["127.0.0.1", free_port()]
        self.target = address, port
        self.url = f"http://{listen[0]}:{listen[1]}/"
        configuration = layout.folder.file("front-door.json")
        with open(configuration, "w", encoding="utf-8") as out:
            # The gate listens where nodes are, which is here, and connects where it runs.
            json.dump({"forwards": [[listen, [address, port]]],
                       "socket": layout.folder.file("front-door.sock"),
                       "nodes": {"127.0.0.1": f"/proc/{os.getpid()}/ns/net"}}, out)
        log = layout.folder.file("logs", "front-door.log")
        self._gate = process.spawn(layout.outside.namespace.command(
            sys.executable, gate.__file__, configuration), log)

    def close(self):
        """Ends it."""
        process.stop(self._gate)
