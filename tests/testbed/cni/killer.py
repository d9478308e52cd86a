"""Programs that kill the plugin."""

import os
import shutil


class Killer:
    """A folder with `ip` and `ovs-vsctl` that kill the plugin at a given call of theirs."""

    _SCRIPT = """#!/bin/sh
count=$(($(cat "{folder}/count") + 1))
echo $count >"{folder}/count"
[ $count = "$KILL_BEFORE" ] && kill -9 $PPID
{program} "$@"
code=$?
[ $count = "$KILL_AFTER" ] && kill -9 $PPID
exit $code
"""

    def __init__(self, folder):
        self.folder = folder
        for name in ("ip", "ovs-vsctl"):
            with open(os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY, 0o755), "w",
                      encoding="ascii") as script:
                script.write(self._SCRIPT.format(folder=folder, program=shutil.which(name)))

    def environment(self, **when):
        """Variables with which the plugin is killed at the call that `when` says."""
        with open(f"{self.folder}/count", "w", encoding="ascii") as count:
            count.write("0")
        return {"PATH": f"{self.folder}:{os.environ['PATH']}",
                **{key: str(value) for key, value in when.items()}}
