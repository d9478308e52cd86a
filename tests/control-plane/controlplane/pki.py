"""Keys, certificates and tokens of one temporary cluster, made with openssl."""

import os
import secrets

from . import process


def create(folder, addresses):
    """Writes into `folder`: the CA (ca.crt), the API server's certificate for
    `addresses` and its usual names, an administrator's client certificate, and
    the key that signs service account tokens."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    _openssl(folder, "req", "-x509", *_new_key("ca.key"), "-out", "ca.crt", "-days", "30",
             "-subj", "/CN=control-plane-ca",
             "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    names = ["DNS:localhost", "DNS:kubernetes", "DNS:kubernetes.default",
             "DNS:kubernetes.default.svc", "DNS:kubernetes.default.svc.cluster.local"]
    names += [f"IP:{address}" for address in addresses]
    _signed(folder, "apiserver", "/CN=kube-apiserver",
            f"subjectAltName={','.join(names)}\nextendedKeyUsage=serverAuth\n")
    # Members of the group system:masters may do everything, independently of RBAC.
    create_client(folder, "admin", "/O=system:masters/CN=admin-certificate")
    _openssl(folder, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-out", "sa.key")
    _openssl(folder, "pkey", "-in", "sa.key", "-pubout", "-out", "sa.pub")


def create_client(folder, name, subject):
    """Makes a client's key and certificate, `name`.key and `name`.crt. The API server takes the
    user and the groups from `subject`, such as "/O=GROUP/CN=USER"."""
    _signed(folder, name, subject, "extendedKeyUsage=clientAuth\n")


def write_tokens(path, users):
    """Writes a token file for the API server with a new secret for each of
    `users` (name → groups); returns name → token."""
    tokens = {name: secrets.token_hex(20) for name in users}
    with open(path, "w", encoding="ascii", opener=_private) as out:
        for name, groups in users.items():
            out.write(f'{tokens[name]},{name},{name},"{",".join(groups)}"\n')
    return tokens


def _private(path, flags):
    return os.open(path, flags, 0o600)


def _new_key(path):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path]


def _signed(folder, name, subject, extensions):
    """Makes a key and a certificate for `subject`, signed by the cluster's CA."""
    extension_file = os.path.join(folder, f"{name}.ext")
    with open(extension_file, "w", encoding="ascii") as out:
        out.write(extensions)
    _openssl(folder, "req", *_new_key(f"{name}.key"), "-out", f"{name}.csr", "-subj", subject)
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
             "-CAcreateserial", "-days", "30", "-extfile", f"{name}.ext", "-out", f"{name}.crt")
    os.unlink(extension_file)
    os.unlink(os.path.join(folder, f"{name}.csr"))


def _openssl(folder, *args):
    done = process.run(["openssl", *args], cwd=folder)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {args[0]} failed: {done.stderr.strip()}")
