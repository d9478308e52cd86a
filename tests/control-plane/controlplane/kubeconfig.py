"""kubeconfig files."""

import base64
import contextlib
import os


def write(path, server, ca_file, user, *, token=None, token_file=None, cert=None, embed=False):
    """Writes a kubeconfig with one context. The user is authenticated by `token`, by
    `token_file` (which is read again when it changes) or by `cert`, a pair of files. `embed`
    writes certificates into the file instead of their names."""
    lines = ["apiVersion: v1", "kind: Config", f"current-context: {user}",
             "clusters:", "- name: control-plane", "  cluster:", f"    server: {server}",
             _file("certificate-authority", ca_file, embed),
             "contexts:", f"- name: {user}", "  context:", "    cluster: control-plane",
             f"    user: {user}", "users:", f"- name: {user}", "  user:"]
    if token:
        lines.append(f"    token: {token}")
    elif token_file:
        lines.append(f"    tokenFile: {token_file}")
    else:
        lines += [_file("client-certificate", cert[0], embed),
                  _file("client-key", cert[1], embed)]
    write_private(path, "\n".join(lines) + "\n")


def write_private(path, text):
    """Writes a file that only its owner can read, atomically."""
    partial = f"{path}.{os.getpid()}.partial"
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                  encoding="utf-8") as out:
            out.write(text)
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)
        raise


def _file(key, path, embed):
    if not embed:
        return f"    {key}: {path}"
    with open(path, "rb") as content:
        return f"    {key}-data: {base64.b64encode(content.read()).decode()}"
