"""Programs that run in the Python environment of Keystone:

  keystone_programs.py manage CONFIG ARGUMENT...         keystone-manage
  keystone_programs.py keystone CONFIG PORT              Keystone under waitress
  keystone_programs.py front PORT SETTINGS               the authentication before the config API

The front is what a real config API has before its own code: keystonemiddleware validates the token of
each request, and the mode cloud-admin demands the role admin. SETTINGS is a JSON object: `api` (the URL
of the stand-in), `role`, and `middleware` (the settings of keystonemiddleware)."""

import http.client
import json
import os
import sys
import urllib.parse

THREADS = 8
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "date", "server"}


def manage(config, *arguments):
    """Runs keystone-manage."""
    from keystone.cmd.manage import main
    sys.argv = ["keystone-manage", "--config-file", config, *arguments]
    return main()


def keystone(config, port):
    """Serves the Identity API."""
    os.environ["OS_KEYSTONE_CONFIG_FILES"] = config
    os.environ["OS_KEYSTONE_CONFIG_DIR"] = os.path.dirname(config)
    from keystone.server.wsgi import initialize_public_application
    sys.argv = sys.argv[:1]  # Keystone reads options of its own
    serve(initialize_public_application(), port)


class Forwarder:
    """Passes requests on to the stand-in, if the caller has the role."""

    def __init__(self, api, role):
        self._api = urllib.parse.urlsplit(api).netloc
        self._role = role

    def __call__(self, environ, start_response):
        if self._role not in environ.get("HTTP_X_ROLES", "").split(","):
            start_response("403 Permission Denied", [("Content-Type", "text/plain")])
            return [b"403 Permission Denied"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        target = environ["PATH_INFO"] + ("?" + environ["QUERY_STRING"] if environ.get("QUERY_STRING") else "")
        connection = http.client.HTTPConnection(self._api)
        connection.request(environ["REQUEST_METHOD"], target, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        fields = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        start_response(f"{answer.status} {answer.reason}", fields)
        parts = self._parts(connection, answer)
        return parts if answer.getheader("Content-Type") == "text/event-stream" else [b"".join(parts)]

    @staticmethod
    def _parts(connection, answer):
        """The parts of the answer as they come: notifications never end."""
        try:
            while part := answer.read1():
                yield part
        finally:
            connection.close()


def front(port, settings):
    """Serves the stand-in behind the authentication."""
    from keystonemiddleware import auth_token
    settings = json.loads(settings)
    serve(auth_token.AuthProtocol(Forwarder(settings["api"], settings["role"]), settings["middleware"]), port)


def serve(application, port):
    """Serves until the process is ended."""
    import waitress
    waitress.serve(application, host="127.0.0.1", port=int(port), threads=THREADS)


if __name__ == "__main__":
    sys.exit({"manage": manage, "keystone": keystone, "front": front}[sys.argv[1]](*sys.argv[2:]))
