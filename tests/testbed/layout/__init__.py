"""The testbed's network: machines, an underlay and Pods as network namespaces, with Open vSwitch
and OVN between them."""
