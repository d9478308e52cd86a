"""The objects of the config API, as the oracle asks for them."""

import json
import urllib.request


class ConfigObjects:
    """Reads one server."""

    def __init__(self, url):
        self._url = url

    def list(self, plural):
        """All objects of a type: name → object."""
        with urllib.request.urlopen(f"{self._url}/{plural}?detail=true", timeout=10) as answer:
            wrapped = json.load(answer)[plural]
        return {":".join(item["fq_name"]): item for entry in wrapped for item in entry.values()}
