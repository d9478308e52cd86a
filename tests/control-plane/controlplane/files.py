"""The files that a cluster makes in its folder, and their removal."""

import os
import shutil

_FILES = ["cluster.json", "kubeconfig", "admin-certificate.kubeconfig",
          "controller-manager.kubeconfig", "scheduler.kubeconfig", "kwok.kubeconfig",
          "control.sock", "lock"]
_FOLDERS = ["pki", "etcd", "home", "work"]


def remove_files(spec, keep_logs):
    """Removes a cluster's files, and the folder if the cluster made it. With `keep_logs` the
    logs and the specification stay."""
    files = _FILES + ([] if keep_logs else ["spec.json"])
    for name in files:
        try:
            os.unlink(spec.path(name))
        except FileNotFoundError:
            pass
    for name in _FOLDERS + ([] if keep_logs else ["logs"]):
        shutil.rmtree(spec.path(name), ignore_errors=True)
    if spec.made_folder and not keep_logs:
        try:
            os.rmdir(spec.folder)
        except OSError:
            pass  # the folder contains other files
