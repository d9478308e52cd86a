"""Protobuf as the Kubernetes API has it, written by hand."""


def varint(number):
    """A number in the variable-length encoding."""
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, content):
    """A protobuf field: bytes, text or a number."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def entry(key, value):
    """An entry of a map."""
    return field(1, key) + field(2, value)


def envelope(kind, content):
    """The envelope in which the API server expects protobuf."""
    return b"k8s\0" + field(1, field(1, "v1") + field(2, kind)) + field(2, content)


def frame(event, enveloped):
    """An event of a watch, with the length before it."""
    content = field(1, event) + field(2, field(1, enveloped))
    return len(content).to_bytes(4, "big") + content


def first_item(body):
    """Where the first item of a list begins."""
    _, at = _content(body, 4)  # the type
    at, _ = _content(body, at)  # into the list
    _, at = _content(body, at)  # its metadata
    return at


def _content(body, at):
    """(Begin, end) of the content of the field at a place."""
    length, shift = 0, 0
    while True:
        at += 1
        length |= (body[at] & 0x7F) << shift
        shift += 7
        if body[at] < 0x80:
            return at + 1, at + 1 + length
