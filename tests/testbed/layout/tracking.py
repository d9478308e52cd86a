"""Connection tracking of a switch, set so that a fault of Open vSwitch 3.1 does not show.

A Pod may open two connections from one source port: by a Service to a backend, and to that backend
itself. Both then have the same addresses behind the load balancer. OVN lets the datapath choose
another source port for one of them ("all-zero SNAT"). In the user-space datapath that ends
ovs-vswitchd, by an assertion in conn_update_state(), as soon as a port is used again while the
former connection is remembered. Mended by openvswitch/ovs, "conntrack: Remove nat_conn introducing
key directionality".

Without all-zero SNAT the second connection gets no answer instead, while the first is remembered.
Open vSwitch remembers a TCP connection for 30 seconds after its end, and Linux uses its port again
at once for another destination. So the memory is cut to a second."""

from .command import run

_ZONES = 256  # a Pod has one, a router two; ovn-controller takes the lowest that are free
_ENDED = ("tcp_fin_wait", "tcp_time_wait", "tcp_close_wait", "tcp_last_ack", "tcp_close")
_SECONDS = 1


def adapt(vsctl, control):
    """Sets up a switch before ovn-controller starts, which reads at its start what the datapath
    can do. `vsctl`: the switch's; `control`: the control socket of its ovs-vswitchd."""
    run("ovs-appctl", f"--target={control}", "dpif/set-dp-features", "br-int", "ct_zero_snat",
        "false")
    # In this order: the row gets the datapath's features when it is made.
    vsctl("--", "--id=@made", "create", "datapath", "datapath_version=0", "--", "set", "open", ".",
          "datapaths:netdev=@made")
    timeouts = [f"{state}={_SECONDS}" for state in _ENDED]
    vsctl(*[word for zone in range(1, _ZONES + 1)
            for word in ("--", "add-zone-tp", "netdev", f"zone={zone}", *timeouts)])
