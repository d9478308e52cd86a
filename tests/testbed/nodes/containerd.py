"""containerd's configuration on a node.

https://github.com/containerd/containerd/blob/main/docs/cri/config.md"""

SOCKET = "/run/containerd/containerd.sock"
CNI_FOLDER = "/var/lib/cni/net.d"

# Folders outside of /var and /run belong to the whole machine: none of them is read or made.
_CONFIG = """\
version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
imports = []

[plugins."io.containerd.internal.v1.opt"]
  path = "/var/opt/containerd"

[plugins."io.containerd.nri.v1.nri"]
  disable = true

[plugins."io.containerd.cri.v1.images"]
  snapshotter = "{snapshotter}"

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "{sandbox}"

[plugins."io.containerd.cri.v1.runtime"]
  # A process without CAP_SYS_RESOURCE cannot lower this score, so a container keeps containerd's.
  restrict_oom_score_adj = true
  # It would load a profile into the machine's kernel, where it would stay.
  disable_apparmor = true
  enable_cdi = false

[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = [{plugins}]
  conf_dir = "{cni_folder}"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = false
"""


def config(sandbox, snapshotter, plugins):
    """config.toml. `sandbox`: the image of a Pod's first container; `plugins`: folders with the
    programs of network plugins."""
    listed = ", ".join(f'"{folder}"' for folder in plugins)
    return _CONFIG.format(sandbox=sandbox, snapshotter=snapshotter, plugins=listed,
                          cni_folder=CNI_FOLDER)


def snapshotter(filesystems, folder_kind):
    """overlayfs where it works, else native, which copies. `filesystems`: the text of
    /proc/filesystems; `folder_kind`: the kind of the file system under /var/lib/containerd: an
    overlay cannot lie on another."""
    overlay = "overlay" in filesystems.split()
    return "overlayfs" if overlay and folder_kind != "overlay" else "native"
