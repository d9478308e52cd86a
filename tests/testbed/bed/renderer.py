"""config-to-ovn as a child: it follows the config API for as long as the testbed runs."""

import os

from controlplane import process
from layout.errors import LayoutError

_PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                        "config-to-ovn")


class Renderer:
    """Started by __init__."""

    def __init__(self, config_api, northbound, arguments, log):
        self._argv = [_PROGRAM, "--config-api", config_api, "--northbound", northbound, *arguments]
        self.log = log
        self._process = process.spawn(self._argv, log)

    def is_in_sync(self):
        """Whether the database is what the config API asks for at this moment. A second renderer
        looks: if it finds something to do, it does it, and the answer is no."""
        done = process.run([*self._argv, "--once"])
        return done.returncode == 0 and "rows: in sync" in done.stdout

    def check(self):
        """LayoutError if it has ended."""
        code = process.exit_code(self._process)
        if code is not None:
            raise LayoutError(f"config-to-ovn ended with exit code {code}. Its last words:\n"
                              f"{process.tail(self.log)}")

    def stop(self):
        """Ends it."""
        process.stop(self._process)
