"""The matrix of connections: what the labels say, what packets do, and where they differ."""
