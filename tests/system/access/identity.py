"""A real Keystone, and the authentication of the config API that asks it."""

import contextlib
import grp
import hashlib
import json
import os
import pathlib
import pwd
import secrets
import shutil
import subprocess
import urllib.error
import urllib.request

from rig import call, eventually, free_port

from controlplane import environment, process
from controlplane.cache import locked

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = HERE / "keystone_programs.py"
REQUIREMENTS = HERE / "keystone-requirements.txt"
_CONFIG = """\
[database]
connection = sqlite:///{folder}/keystone.db
[token]
provider = fernet
expiration = {expiration}
[fernet_tokens]
key_repository = {folder}/fernet-keys
[fernet_receipts]
key_repository = {folder}/fernet-keys
[credential]
key_repository = {folder}/credential-keys
[cache]
enabled = false
# Less processor time for each login than a real installation takes.
[identity]
password_hash_rounds = 4
[security_compliance]
lockout_failure_attempts = 100
"""


def _interpreter():
    return str(environment.ensure(REQUIREMENTS, "keystone") / "python")


def _write_config(folder, expiration):
    path = os.path.join(folder, "keystone.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(_CONFIG.format(folder=folder, expiration=expiration))
    return path


def _manage(config, *arguments):
    command = [_interpreter(), PROGRAMS, "manage", config, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"keystone-manage {arguments[0]} ended with {done.returncode}:\n{done.stdout[-2000:]}")


def _bootstrapped():
    """A folder with Keystone's database and keys, and the administrator's password, which is made
    once: the migrations of the database take most of the time."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes() + _CONFIG.encode()).hexdigest()[:12]
    target = environment.CACHE / f"keystone-database-{digest}"
    with locked(environment.CACHE / "keystone-database.lock", print):
        if target.exists():
            return target
        folder = target.with_suffix(".unfinished")
        shutil.rmtree(folder, ignore_errors=True)
        for name in ("fernet-keys", "credential-keys"):
            os.makedirs(folder / name, mode=0o700)
        password = secrets.token_hex(20)
        (folder / "admin-password").write_text(password, encoding="utf-8")
        config = _write_config(folder, 3600)
        _manage(config, "db_sync")
        owner = ("--keystone-user", pwd.getpwuid(os.getuid()).pw_name, "--keystone-group", grp.getgrgid(os.getgid()).gr_name)
        _manage(config, "fernet_setup", *owner)
        _manage(config, "credential_setup", *owner)
        _manage(config, "bootstrap", f"--bootstrap-password={password}", "--bootstrap-region-id", "RegionOne")
        folder.rename(target)
    return target


class Keystone:
    """A Keystone of its own database, with an administrator in the project `admin`."""

    def __init__(self, folder, expiration=3600):
        self.folder = os.path.join(folder, "keystone")
        shutil.copytree(_bootstrapped(), self.folder)
        with open(os.path.join(self.folder, "admin-password"), encoding="utf-8") as file:
            self.password = file.read()
        self._ids = {}  # (kind, name) → id
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v3"
        self.log = os.path.join(folder, "keystone.log")
        self._config = _write_config(self.folder, expiration)
        self.start()

    def start(self):
        """Starts the server, at the same port as before."""
        self._process = process.spawn([_interpreter(), PROGRAMS, "keystone", self._config, str(self.port)], self.log)
        eventually(lambda: call(self.url)[0] == 200, lambda: f"Keystone answers:\n{self._output()}")
        self._token = self._new_token()
        self._register()

    def stop(self):
        """Ends the server; its database stays."""
        process.stop(self._process)

    @contextlib.contextmanager
    def stopped(self):
        """There is no Keystone in this block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def add_user(self, name, role="admin"):
        """Creates a user with a role in the project `admin`, and returns (id, password)."""
        password = secrets.token_hex(20)
        user = self._ask("POST", "/users", {"user": {"name": name, "domain_id": "default", "password": password}})["user"]
        self._ask("PUT", f"/projects/{self.project()}/users/{user['id']}/roles/{self._role(role)}")
        return user["id"], password

    def project(self):
        """The id of the project `admin`."""
        return self._id("projects", "admin")

    def _role(self, name):
        return self._id("roles", name)

    def _id(self, kind, name):
        """The id of what has this name; it is asked for once."""
        if (kind, name) not in self._ids:
            self._ids[kind, name] = self._ask("GET", f"/{kind}?name={name}")[kind][0]["id"]
        return self._ids[kind, name]

    def set_password(self, user):
        """Gives the user another password, which revokes the user's tokens; returns it."""
        password = secrets.token_hex(20)
        self._ask("PATCH", f"/users/{user}", {"user": {"password": password}})
        return password

    def enable(self, user, enabled):
        """Enables or disables the user."""
        self._ask("PATCH", f"/users/{user}", {"user": {"enabled": enabled}})

    def application_credential(self, name, password, label="controller"):
        """Makes an application credential of a user; `label`: its name. Returns (id, secret)."""
        token, user = self._login(name, password)
        answer = self._ask("POST", f"/users/{user}/application_credentials",
                           {"application_credential": {"name": label}}, token)
        made = answer["application_credential"]
        return made["id"], made["secret"]

    def delete_application_credential(self, name, password, credential):
        """Deletes one of a user, and with it its tokens."""
        token, user = self._login(name, password)
        self._ask("DELETE", f"/users/{user}/application_credentials/{credential}", token=token)

    def _output(self):
        with open(self.log, encoding="utf-8", errors="replace") as text:
            return text.read()

    def _register(self):
        """The catalog needs the address, which keystonemiddleware looks up."""
        services = self._ask("GET", "/services?type=identity")["services"]
        service = services[0] if services else self._ask("POST", "/services", {"service": {"type": "identity"}})["service"]
        for endpoint in self._ask("GET", f"/endpoints?service_id={service['id']}")["endpoints"]:
            self._ask("DELETE", f"/endpoints/{endpoint['id']}")
        for interface in ("public", "internal", "admin"):
            self._ask("POST", "/endpoints", {"endpoint": {
                "service_id": service["id"], "interface": interface, "url": self.url, "region_id": "RegionOne"}})

    def _new_token(self):
        return self._login("admin", self.password)[0]

    def _login(self, name, password):
        """The token and the id of a user."""
        status, answer, token = _post(f"{self.url}/auth/tokens", {"auth": {
            "identity": {"methods": ["password"], "password": {"user": {
                "name": name, "domain": {"name": "Default"}, "password": password}}},
            "scope": {"project": {"name": "admin", "domain": {"name": "Default"}}}}})
        assert status == 201, (status, answer)
        return token, answer["token"]["user"]["id"]

    def _ask(self, method, path, body=None, token=None):
        status, answer, _ = _post(self.url + path, body, method, token or self._token)
        if status == 401 and token is None:  # the administrator's token expires, too
            self._token = self._new_token()
            status, answer, _ = _post(self.url + path, body, method, self._token)
        assert status in (200, 201, 204), (method, path, status, answer)
        return answer


def _post(url, body, method="POST", token=None):
    """(status, answer, token in the answer) of a request."""
    fields = {"Content-Type": "application/json"} | ({"X-Auth-Token": token} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, fields, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text, status, issued = answer.read(), answer.status, answer.headers.get("X-Subject-Token")
    except urllib.error.HTTPError as error:
        text, status, issued = error.read(), error.code, None
    try:
        return status, json.loads(text or "{}"), issued
    except ValueError:
        return status, text, issued


class AuthFront:
    """The authentication before the stand-in, as that of a config API in the mode cloud-admin."""

    def __init__(self, folder, keystone, api_url):
        self.port = free_port()
        self.log = os.path.join(folder, f"front-{self.port}.log")
        middleware = {"auth_type": "password", "auth_url": keystone.url, "username": "admin", "password": keystone.password,
                      "user_domain_name": "Default", "project_name": "admin", "project_domain_name": "Default",
                      "www_authenticate_uri": keystone.url, "interface": "internal", "token_cache_time": "3",
                      "http_request_max_retries": "0"}
        settings = json.dumps({"api": api_url, "role": "admin", "middleware": middleware})
        self._process = process.spawn([_interpreter(), PROGRAMS, "front", str(self.port), settings], self.log)
        eventually(lambda: call(f"http://127.0.0.1:{self.port}/")[0] == 401, self._output)

    def _output(self):
        with open(self.log, encoding="utf-8", errors="replace") as text:
            return text.read()

    def stop(self):
        """Ends it."""
        process.stop(self._process)
