"""Programs the northbound database of OVN from the objects of a config API: README.md."""
