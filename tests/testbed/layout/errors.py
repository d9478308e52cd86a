"""What the layout raises."""


class LayoutError(Exception):
    """The network cannot be made or changed; the text says what failed."""
