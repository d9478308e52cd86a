#!/usr/bin/env python3
"""Replays the recordings over a socket: a second implementation of the rules of the C++ replay.

    CONTRAIL_CONFIG_API=build/bin/contrail-config-api tests/config-api-conformance/replay_over_socket.py

With --url http://HOST:PORT the requests go to a server that already runs. It must be freshly
started."""

import argparse
import http.client
import json
import pathlib
import re
import sys

import standin

RECORDINGS = pathlib.Path(__file__).with_name("recordings.jsonl")
VARIABLE = re.compile(r"\$U\d+")
UUID = "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"


class Difference(Exception):
    """A difference from the recording."""


class Bindings:
    """The values of the variables in the recordings."""

    def __init__(self, values=()):
        self.values = dict(values)

    def copy(self):
        return Bindings(self.values)

    def fill_in(self, text):
        return re.sub(r"\$[UE]\d+", lambda match: self.values.get(match.group(), match.group()), text)

    def unify(self, variable, value):
        if variable in self.values:
            return self.values[variable] == value
        if value in self.values.values():
            return False
        self.values[variable] = value
        return True


class Comparison:
    """Compares one answer with the recorded one."""

    def __init__(self, recording, host, bindings):
        self.exact = recording["compare"] == "exact"
        self.ordered = recording.get("ordered", False)
        self.host = host
        self.bindings = bindings

    def compare(self, recorded, answer, path):
        if recorded == "$ANY" or (recorded == "$T" and isinstance(answer, str)):
            return
        if isinstance(recorded, str) and isinstance(answer, str):
            self.compare_text(recorded, answer, path)
        elif isinstance(recorded, list) and isinstance(answer, list):
            self.compare_lists(recorded, answer, path)
        elif isinstance(recorded, dict) and isinstance(answer, dict):
            self.compare_objects(recorded, answer, path)
        elif type(recorded) is not type(answer) or recorded != answer:
            raise Difference(f"{path}: expected {recorded!r}, got {answer!r}")

    def compare_text(self, recorded, answer, path):
        recorded = recorded.replace("http://HOST", "http://" + self.host)
        variables = VARIABLE.findall(recorded)
        pattern = UUID.join(re.escape(part) for part in VARIABLE.split(recorded))
        match = re.fullmatch(pattern, answer)
        if not match or not all(self.bindings.unify(*pair) for pair in zip(variables, match.groups())):
            raise Difference(f"{path}: expected {self.bindings.fill_in(recorded)!r}, got {answer!r}")

    def compare_objects(self, recorded, answer, path):
        for name, value in recorded.items():
            if name not in answer:
                raise Difference(f"{path}.{name}: missing")
            self.compare(value, answer[name], f"{path}.{name}")
        unexpected = answer.keys() - recorded.keys()
        if self.exact and unexpected:
            raise Difference(f"{path}: not recorded: {', '.join(sorted(unexpected))}")

    def compare_lists(self, recorded, answer, path):
        named = bool(recorded) and all(has_name(element) for element in recorded)
        more_allowed = not self.exact and not named and recorded and isinstance(recorded[0], dict)
        if len(recorded) != len(answer) and not more_allowed:
            raise Difference(f"{path}: expected {len(recorded)} elements, got {len(answer)}: {json.dumps(answer)[:500]}")
        if more_allowed or (named and not self.ordered):
            self.compare_as_sets(recorded, list(answer), path)
            return
        for index, pair in enumerate(zip(recorded, answer)):
            self.compare(*pair, f"{path}[{index}]")

    def compare_as_sets(self, recorded, answer, path):
        for item in recorded:
            why = "the list is empty"
            for index, candidate in enumerate(answer):
                before = self.bindings.copy()
                try:
                    self.compare(item, candidate, path)
                    del answer[index]
                    break
                except Difference as difference:
                    self.bindings.values = before.values
                    why = difference
            else:
                expected = self.bindings.fill_in(json.dumps(item))
                raise Difference(f"{path}: no element like {expected}; {why}")


def has_name(element):
    if not isinstance(element, dict):
        return False
    if "fq_name" in element or "to" in element:
        return True
    inner = list(element.values())
    return len(inner) == 1 and isinstance(inner[0], dict) and "fq_name" in inner[0]


def make_body(recording, bindings):
    if "raw_body" in recording:
        text = recording["raw_body"]
    elif recording["body"] is not None:
        text = bindings.fill_in(json.dumps(recording["body"]))
    else:
        return b""
    return text.encode().ljust(recording.get("pad_to", 0))


def send(connection, host, recording, bindings):
    """Sends one request byte for byte. http.client adds no header."""
    body = make_body(recording, bindings)
    headers = {"Host": host, "Content-Type": "application/json"}
    headers.update({name: bindings.fill_in(value) for name, value in recording.get("headers", {}).items()})
    chunked = headers.get("Transfer-Encoding") == "chunked"
    if not chunked and (body or recording["method"] != "GET"):
        headers["Content-Length"] = str(len(body))
    connection.putrequest(recording["method"], bindings.fill_in(recording["path"]), skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body)
    return headers["Host"], standin.Answer(connection.getresponse())


def check(recording, host, answer, bindings):
    for name, variable in recording.get("bind", {}).items():
        bindings.values[variable] = answer.headers[name]
    if answer.status != recording["status"]:
        raise Difference(f"status: expected {recording['status']}, got {answer.status}: {answer.body[:500]}")
    if answer.status == 200 and answer.body and answer.headers["Content-Type"] != "application/json":
        raise Difference(f"content type: {answer.headers['Content-Type']}")
    if answer.status >= 400 and not answer.headers["Content-Type"].startswith("text/html"):
        raise Difference(f"content type of an error: {answer.headers['Content-Type']}")
    if recording["compare"] != "status":
        Comparison(recording, host, bindings).compare(recording["answer"], answer.json(), "answer")


def replay(host, port):
    """Returns (the number of replayed lines, the differences)."""
    connection = http.client.HTTPConnection(host, port, timeout=standin.DEADLINE)
    bindings = Bindings()
    differences = []
    lines = RECORDINGS.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        recording = json.loads(line)
        asked, answer = send(connection, f"{host}:{port}", recording, bindings)
        try:
            check(recording, asked, answer, bindings)
        except Difference as difference:
            differences.append(
                f"line {number} ({recording['section']}: {recording['case']})\n"
                f"  {recording['method']} {bindings.fill_in(recording['path'])}\n  {difference}"
            )
    connection.close()
    return len(lines), differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="of a server that was just started; default: start one")
    url = parser.parse_args().url
    if url:
        host, port = url.removeprefix("http://").rstrip("/").rsplit(":", 1)
        lines, differences = replay(host, int(port))
    else:
        with standin.StandIn() as server:
            lines, differences = replay(*server.address)
    print(f"replayed {lines} recorded requests over a socket, {len(differences)} answered otherwise")
    if differences:
        print("the first one:", differences[0], sep="\n")
    return 1 if differences or lines == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
