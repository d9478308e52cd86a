"""The Events of the API server, compared with the Events that must exist."""

import os
import re

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
_CONTROLLER = "opencontrail.org/kube-network-manager"


class Events:
    """The Events of the controller. `since`: `new` has the ones observed then or later
    (RFC 3339, UTC)."""

    def __init__(self, api, since=""):
        items = api.get("/apis/events.k8s.io/v1/events")["items"]
        self.all = [item for item in items if item.get("reportingController") == _CONTROLLER]
        self.new = [item for item in self.all if _last_seen(item) >= since]

    def missing(self, expected):
        """The `Told`s without an Event."""
        return [f"no Event says {item}" for item in expected
                if not any(_says(event, item) for event in (self.new if item.warning else self.all))]

    def unfounded(self, expected):
        """Warnings without a reason, and Events that docs/events.md does not list."""
        out, documented = [], reasons()
        for event in self.all:
            meant = documented.get(event["reason"])
            if not meant or event["type"] != meant[0] or event["regarding"]["kind"] not in meant[1]:
                out.append(f"docs/events.md does not list {_short(event)}")
        for event in self.new:
            if event["type"] == "Warning" and not any(_says(event, item) for item in expected):
                out.append(f"unfounded Event: {_short(event)}")
        return out

    def normal(self, uid, reason, word):
        """Whether an object has this Normal Event."""
        return any(event["regarding"]["uid"] == uid and event["reason"] == reason and _has(event["note"], word)
                   for event in self.all)

    def about(self, uids):
        """Complaints about Events on objects without a problem."""
        return [f"Event on an object without a problem: {_short(event)}" for event in self.all
                if event["regarding"]["uid"] in uids]


def reasons():
    """reason → (type, kinds of objects), from docs/events.md."""
    with open(os.path.join(_ROOT, "docs", "events.md"), encoding="utf-8") as text:
        warnings, normal = text.read().split("## Normal events")
    return {reason: (kind, re.findall("[A-Z][a-z]+", on)) for kind, part in (("Warning", warnings), ("Normal", normal))
            for reason, on in re.findall(r"^### (\w+)\n\nOn an? ([^.]*)\.", part, re.MULTILINE)}


def counted(text):
    """reason → number of objects, from the program's metrics."""
    return {reason: int(float(number)) for reason, number in
            re.findall(r'^knm_user_errors\{reason="(\w+)"\} (\S+)$', text, re.MULTILINE) if float(number)}


def _last_seen(event):
    return (event.get("series") or {}).get("lastObservedTime") or event["eventTime"]


def _says(event, expected):
    regarding = event["regarding"]
    return (event["type"] == ("Warning" if expected.warning else "Normal")
            and event["reason"] == expected.reason and regarding["uid"] == expected.uid
            and regarding["kind"] == expected.kind
            and (regarding.get("namespace"), regarding["name"]) == expected.key
            and event["metadata"]["namespace"] == (expected.key[0] or "default")
            and all(_has(event["note"], word) for word in expected.words))


def _has(note, word):
    """Whether the note contains the whole word: 192.0.2.1 is not in 192.0.2.10."""
    return bool(re.search(rf"(?<![\w:.-]){re.escape(word)}(?![\w:-]|\.\w)", note))


def _short(event):
    regarding = event["regarding"]
    return (f"{event['type']} {event['reason']} on {regarding['kind']} {regarding.get('namespace')}/{regarding['name']}: "
            f"{event['note']}")
