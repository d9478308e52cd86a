"""The throughput of the config API for a client without work of its own: a number of connections, each of which sends its
next request after the answer to the last one. No client with as many connections is faster."""

import asyncio
import itertools
import json
import time


async def _request(reader, writer, body):
    head = ("POST /virtual-machines HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    writer.write(head + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"the config API refused a virtual-machine: {answer.decode()}")
    fields = dict(line.split(": ", 1) for line in answer.decode().lower().split("\r\n")[1:] if line)
    await reader.readexactly(int(fields["content-length"]))


async def _connection(port, numbers, count):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in numbers:
        if number >= count:
            break
        await _request(reader, writer, json.dumps({"virtual-machine": {"fq_name": [f"floor-{number}"]}}).encode())
    writer.close()


async def _run(port, connections, count):
    numbers = itertools.count()
    began = time.monotonic()
    await asyncio.gather(*(_connection(port, numbers, count) for _ in range(connections)))
    return time.monotonic() - began


def seconds(port, connections, count):
    """The seconds that `count` creates take over `connections` connections."""
    return asyncio.run(_run(port, connections, count))
