"""What cni_check.py needs around the node's plugin."""
