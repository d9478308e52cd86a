"""Addresses of the machines and of the outside. All are for documentation or private use."""

# The underlay: how the machines reach each other. No Pod sees these.
MACHINES = {"master": "172.31.254.1", "gateway": "172.31.254.2",
            "node-01": "172.31.254.11", "node-02": "172.31.254.12"}
UNDERLAY_LENGTH = 24
CHASSIS = ("gateway", "node-01", "node-02")
SOUTHBOUND_PORT = 6642

# Between the gateway's router and the outside.
ROUTER = {4: "203.0.113.1", 6: "2001:db8:113::1"}
OUTSIDE = {4: "203.0.113.254", 6: "2001:db8:113::ffff"}
OUTSIDE_LENGTH = {4: 24, 6: 64}
PHYSICAL_NETWORK = "outside"

# Geneve adds up to 58 bytes over IPv4; the underlay has 1,500.
POD_MTU = 1400
