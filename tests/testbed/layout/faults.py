"""Two faults of Open vSwitch 3.1 in user space, and the settings that keep them from a testbed.

*Source ports.* A Pod may open two connections from one port: by a Service to a backend, and to that
backend itself. Behind the load balancer both have the same addresses. OVN lets the datapath choose
another source port for one of them ("all-zero SNAT"). In user space that ends ovs-vswitchd, by an
assertion in conn_update_state(), as soon as a port is used again while the former connection is
remembered. Mended by openvswitch/ovs, "conntrack: Remove nat_conn introducing key directionality".
Without all-zero SNAT the second connection gets no answer instead, while the first is remembered:
30 seconds after its end by default, though Linux uses the port again at once.

*Wrong cached flows.* The datapath caches flows with wildcards, and these may overlap. When the
actions of one change, it is looked up by its packet and not by its identifier: another one may be
changed in its place, and the first keeps what was right before, for as long as packets use it. The
fault and a correction: https://www.mail-archive.com/ovs-dev@openvswitch.org/msg77319.html. What it
looks like: https://www.mail-archive.com/ovs-dev@openvswitch.org/msg76947.html. So the cache is
emptied twice a second, and when all switches have got their flows (caches.py). Flows without
wildcards (upcall/disable-megaflows) would not overlap, but with many connections they are more than
the cache may hold."""

_ZONES = 256  # a Pod has one, a router two; ovn-controller takes the lowest that are free
_ENDED = ("tcp_fin_wait", "tcp_time_wait", "tcp_close_wait", "tcp_last_ack", "tcp_close")
_SECONDS = 1


def avoid(switch):
    """Sets up an OpenVswitch before ovn-controller starts, which reads at its start what the datapath
    can do."""
    switch.appctl("dpif/set-dp-features", "br-int", "ct_zero_snat", "false")
    # In this order: the row gets the datapath's features when it is made.
    switch.vsctl("--", "--id=@made", "create", "datapath", "datapath_version=0", "--", "set", "open", ".",
                 "datapaths:netdev=@made")
    timeouts = [f"{state}={_SECONDS}" for state in _ENDED]
    switch.vsctl(*[word for zone in range(1, _ZONES + 1)
                   for word in ("--", "add-zone-tp", "netdev", f"zone={zone}", *timeouts)])
