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


def with_version(event, version):
    """A frame of a watch whose object has another resourceVersion."""
    content = _replaced(event[4:], (2, 1), lambda enveloped: enveloped[:4] + _replaced(
        enveloped[4:], (2, 1, 6), lambda _: version.encode()))
    return len(content).to_bytes(4, "big") + content


def _replaced(message, path, change):
    """The message with `change(content)` in place of the content of the field at the end of the path."""
    out, at = b"", 0
    while at < len(message):
        begin, end = _content(message, at)
        if message[at] == path[0] << 3 | 2:
            inner = message[begin:end]
            out += field(path[0], _replaced(inner, path[1:], change) if path[1:] else change(inner))
        else:
            out += message[at:end]
        at = end
    return out


def _content(body, at):
    """(Begin, end) of the content of the field at a place, whose number is below 16."""
    wire = body[at] & 7
    number, shift = 0, 0
    while True:
        at += 1
        number |= (body[at] & 0x7F) << shift
        shift += 7
        if body[at] < 0x80:
            return at + 1, at + 1 + (number if wire == 2 else 0)
