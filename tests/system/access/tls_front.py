"""HAProxy as the TLS front of a server, and the authorities of its certificates."""

import os
import re
import socket
import subprocess

from rig import ROOT, eventually, free_port

from controlplane import process

_CONFIG = """\
global
  log stdout format raw local0 info
defaults
  mode http
  log global
  option httplog
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:{port} {tls}
  default_backend servers
backend servers
{servers}
"""
_EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Authority:
    """A certificate authority; its certificate is the file `certificate`."""

    def __init__(self, folder, name):
        self._folder = os.path.join(folder, name)
        os.makedirs(self._folder)
        self.certificate, self._key = self._path("ca.crt"), self._path("ca.key")
        _openssl("req", "-x509", *_EC, "-keyout", self._key, "-out", self.certificate, "-days", "2", "-subj", f"/CN={name}",
                 "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def _path(self, name):
        return os.path.join(self._folder, name)

    def issue(self, name, alternative_names="IP:127.0.0.1", days=2):
        """Makes a certificate and its key, `name`.crt and `name`.key; returns both paths.
        `days`: until it expires; negative: it has expired."""
        certificate, key, request, extensions = (self._path(f"{name}.{end}") for end in ("crt", "key", "csr", "ext"))
        with open(extensions, "w", encoding="ascii") as file:
            file.write(f"subjectAltName={alternative_names}\n")
        _openssl("req", *_EC, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial", "-days", str(days),
                 "-extfile", extensions, "-out", certificate)
        return certificate, key

    def read(self):
        """The certificate of the authority."""
        with open(self.certificate, encoding="ascii") as file:
            return file.read()


class TlsFront:
    """HAProxy before servers on these ports. `pair`: its certificate and key; None: without TLS."""

    def __init__(self, folder, ports, pair, client_authority=None):
        self.port = free_port()
        self._folder = os.path.join(folder, f"haproxy-{self.port}")
        os.makedirs(self._folder)
        self._ports, self._client_authority = ports, client_authority
        self._process, self._pair, self._options = None, pair, ""
        self.present(pair)

    def demand(self, authority):
        """Clients need a certificate of this authority from now on."""
        self._client_authority = authority
        self.present(self._pair)

    def limit(self, options):
        """Listens with these options of HAProxy's `bind` from now on: "ssl-max-ver TLSv1.2"."""
        self._options = options
        self.present(self._pair)

    def present(self, pair):
        """Serves with this certificate and key from now on."""
        self.stop()
        self._pair = pair
        bundle, config = (os.path.join(self._folder, name) for name in ("front.pem", "haproxy.cfg"))
        with open(bundle, "w", encoding="ascii") as out:
            for path in pair or ():
                with open(path, encoding="ascii") as file:
                    out.write(file.read())
        with open(config, "w", encoding="ascii") as out:
            out.write(self._config(bundle))
        self._process = process.spawn(["haproxy", "-db", "-f", config], os.path.join(self._folder, "log"))
        eventually(self._listens, lambda: f"HAProxy listens: {self._log()}")

    def _config(self, bundle):
        """HAProxy's configuration; `bundle`: the file of the certificate and its key."""
        tls = f"ssl crt {bundle} {self._options}" if self._pair else ""
        if self._client_authority:
            tls += f" ca-file {self._client_authority.certificate} verify required"
        servers = "\n".join(f"  server s{port} 127.0.0.1:{port}" for port in self._ports)
        return _CONFIG.format(port=self.port, tls=tls, servers=servers)

    def _listens(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def count(self, request):
        """The number of requests so far that begin so: "POST /v3/auth/tokens"."""
        return self._log().count(f'"{request}')

    def _log(self):
        with open(os.path.join(self._folder, "log"), encoding="utf-8", errors="replace") as text:
            return text.read()

    def stop(self):
        """Ends it."""
        if self._process:
            process.stop(self._process)


class DocumentedFront(TlsFront):
    """HAProxy as docs/config-api-access.md recommends it, before three servers at `addresses`."""

    def __init__(self, folder, addresses, pair):
        self._addresses = addresses
        super().__init__(folder, [], pair)

    def _config(self, bundle):
        return documented_config(f"127.0.0.1:{self.port}", bundle, self._addresses)

    def is_up(self, number):
        """Whether HAProxy uses the server with this number, from 0 on."""
        states = re.findall(rf"Server config-api/config{number + 1} is (UP|DOWN)", self._log())
        return not states or states[-1] == "UP"


def documented_config(bind, bundle, addresses):
    """The configuration of HAProxy in docs/config-api-access.md, with these addresses and this file
    with the certificate and its key."""
    with open(os.path.join(ROOT, "docs", "config-api-access.md"), encoding="utf-8") as page:
        text = re.search(r"^```haproxy\n(.*?)^```", page.read(), re.DOTALL | re.MULTILINE).group(1)
    there = {"10.0.0.10:8082": bind, "/etc/haproxy/config-api.pem": bundle,
             **{f"10.0.0.{11 + number}:8082": address for number, address in enumerate(addresses)}}
    for name, value in there.items():
        assert text.count(name) == 1, (name, text)
        text = text.replace(name, value)
    return text
