"""Addresses of the machines and of the outside. All are for documentation or private use."""

from ipaddress import ip_interface

# The underlay: how the machines reach each other. No Pod sees these.
NODES = tuple(f"node-{number:02}" for number in range(1, 10))  # a layout has some of them
MACHINES = {"master": "172.31.254.1", "gateway": "172.31.254.2",
            **{name: f"172.31.254.{number}" for number, name in enumerate(NODES, 11)}}
UNDERLAY_LENGTH = 24
SOUTHBOUND_PORT = 6642

# Between the gateway's router and the outside.
ROUTER = {4: "203.0.113.1", 6: "2001:db8:113::1"}
OUTSIDE = {4: "203.0.113.254", 6: "2001:db8:113::ffff"}
OUTSIDE_LENGTH = {4: 24, 6: 64}
PHYSICAL_NETWORK = "outside"

# Each node's own address in the overlay. Packets to and from it never leave the node, so all nodes
# have the same. The last usable address of the range is the router's.
NODE = ip_interface("169.254.1.1/24")
NODE_ROUTER = NODE.network[-2]

# Geneve adds up to 58 bytes over IPv4; the underlay has 1,500.
POD_MTU = 1400
