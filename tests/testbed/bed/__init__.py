"""The testbed as a whole: control plane, config API, controller, renderer, and the network in which
their decisions become packets."""
