"""The programs of the applications, built from Go modules."""

import os

from controlplane.gomodule import GoModule, required_version

_HERE = os.path.dirname(os.path.abspath(__file__))
_EXAMPLE = "examples/guestbook-go"
_FLAGS = ["-trimpath", "-ldflags", "-s -w"]

GUESTBOOK = GoModule(
    os.path.join(_HERE, "guestbook"), "guestbook-go", "guestbook",
    {"guestbook": f"k8s.io/kubernetes/{_EXAMPLE}"}, _FLAGS,
    {"public": ("k8s.io/kubernetes", f"{_EXAMPLE}/public")})
_COREDNS = os.path.join(_HERE, "coredns")
COREDNS = GoModule(
    _COREDNS, f"CoreDNS {required_version(_COREDNS, 'github.com/coredns/coredns')}", "coredns",
    {"coredns": "."}, _FLAGS)


def guestbook(say):
    """The folder with the program `guestbook` and its pages, `public`. What is missing is built:
    a minute, once. `say` gets progress messages."""
    return GUESTBOOK.build(["guestbook", "public"], say)


def coredns(say):
    """The folder with the program `coredns`; building it takes some minutes, once."""
    return COREDNS.build(["coredns"], say)
