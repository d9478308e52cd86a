"""Another client of the config API."""

from rig import call


class OtherClient:
    """Requests of a person or another program. AssertionError if the server refuses one."""

    def __init__(self, url, control_url):
        self._url, self._control_url = url, control_url

    def dump(self):
        """All objects: type → objects."""
        return self._ask(f"{self._control_url}/_control/dump")

    def create(self, kind, fields):
        """Creates an object."""
        self._ask(f"{self._url}/{kind}s", {kind: fields})

    def put(self, kind, name, fields):
        """Writes some fields of an object."""
        self._ask(f"{self._url}/{kind}/{self._uuid(kind, name)}", {kind: fields}, "PUT")

    def annotate(self, kind, name, key, value):
        """Writes one annotation of an object."""
        self._ask(f"{self._url}/prop-collection-update", {
            "uuid": self._uuid(kind, name),
            "updates": [{"field": "annotations", "operation": "set", "position": key,
                         "value": {"key": key, "value": value}}]})

    def reference(self, operation, source, target, attr):
        """Adds or deletes a reference from (kind, name) to (kind, name)."""
        self._ask(f"{self._url}/ref-update", {
            "type": source[0], "uuid": self._uuid(*source), "operation": operation, "attr": attr,
            "ref-type": target[0], "ref-uuid": self._uuid(*target)})

    def remove_with_dependents(self, kind, name):
        """Deletes an object, its children, and all objects that refer to it."""
        uuid = self._uuid(kind, name)
        for other_kind, objects in self.dump().items():
            for item in objects:
                references = [ref["uuid"] for key, refs in item.items() if key.endswith("_refs") for ref in refs]
                other = ":".join(item["fq_name"])
                if (item.get("parent_uuid") == uuid or uuid in references) and self._find(other_kind, other):
                    self.remove_with_dependents(other_kind, other)
        self._ask(f"{self._url}/{kind}/{uuid}", method="DELETE")

    def _find(self, kind, name):
        return next((item for item in self.dump().get(kind, []) if ":".join(item["fq_name"]) == name), None)

    def _uuid(self, kind, name):
        found = self._find(kind, name)
        assert found, f"there is no {kind} {name}"
        return found["uuid"]

    @staticmethod
    def _ask(url, body=None, method=None):
        status, answer = call(url, body, method)
        assert status == 200, (url, body, status, answer)
        return answer
