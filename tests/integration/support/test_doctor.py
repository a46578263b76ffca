"""`./pipeline doctor` where something is wrong: the symptom is made, and the command typed."""

import fcntl
import json
import os
import platform
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from local.stack.lock import FILE, Holder
from tests.clone import copy_tree

KEPT = """\
COMPOSE_PROJECT=canton-000000
POSTGRES_PASSWORD=swordfish
WAREHOUSE_PASSWORD=swordfish
PREFECT_AUTH=admin:swordfish
"""
SILENT = """#!/bin/sh
echo "Cannot connect to the Docker daemon" >&2
exit 1
"""
OLD_MAKE = "#!/bin/sh\necho GNU Make 3.80\n"
FOREIGN_PROCESSOR = "aarch64" if platform.machine() == "x86_64" else "x86_64"
GONE = "/nowhere/clone"
INFO = {
    "MemTotal": 2**30, "DockerRootDir": "/proc", "ServerVersion": "19.3.1",
    "Architecture": FOREIGN_PROCESSOR, "SystemTime": "2020-01-01T00:00:00Z",
}  # fmt: skip
# An engine that is old, small, full, of another machine, and has leftovers.
POOR = f"""#!/bin/sh
case "$*" in
info\\ *) echo '{json.dumps(INFO)}' ;;
"compose version --short") echo 2.4.1 ;;
"buildx version") exit 1 ;;
"context inspect "*) echo tcp://10.0.0.7:2375 ;;
"ps --all --filter label=com.docker.compose.project --format "*)
    printf 'canton-0a1b2c\\t{GONE}\\texited\\told-one\\n' ;;
"volume ls --quiet "*) echo of-this-stack ;;
esac
"""
SLACK = {
    "Name": "/slack-1", "RestartCount": 0, "HostConfig": {},
    "Config": {"Labels": {"com.docker.compose.service": "slack"}},
    "State": {"Status": "paused", "OOMKilled": False, "FinishedAt": "0001-01-01T00:00:00Z"},
}  # fmt: skip
SERVER = {
    **SLACK, "Name": "/server-1", "State": {**SLACK["State"], "Status": "running"},
    "Config": {"Labels": {"com.docker.compose.service": "prefect-server"}},
}  # fmt: skip
# A stack of two containers; the port of the second one is silent.
HALF_DEAD = f"""#!/bin/sh
case "$*" in
info\\ *) echo '{json.dumps({**INFO, "DockerRootDir": "/", "MemTotal": 2**34})}' ;;
"container ls --all "*) echo slack-1 server-1 ;;
inspect\\ *) echo '{json.dumps([SLACK, SERVER])}' ;;
esac
"""


@pytest.fixture
def clone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doctor") / "clone"
    copy_tree(folder)
    (folder / ".stack").mkdir()
    return folder


def findings(clone, folder, *, docker, make="", **environment):
    """The findings of `./pipeline doctor`, with scripts in the place of these programs."""
    for name, script in {"docker": docker, "make": make}.items():
        if script:
            (folder / name).write_text(script)
            (folder / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        [sys.executable, "-m", "local", "doctor", "--format", "json"], cwd=clone,
        env={**kept, "PATH": f"{folder}:{os.environ['PATH']}", **environment},
        capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    told = [one for one in json.loads(done.stdout)["findings"] if one["state"] != "ok"]
    return [f"{one['what']}: {one['say']} -> {one['type']}" for one in told]


class Late(BaseHTTPRequestHandler):
    """Answers with the time of a minute ago."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def date_time_string(self, timestamp=None):
        return super().date_time_string((timestamp or time.time()) - 60)

    def log_message(self, *_): ...


@contextmanager
def late_server():
    """The port of a server whose clock is a minute behind."""
    with HTTPServer(("127.0.0.1", 0), Late) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@contextmanager
def held_lock(clone):
    """A command has changed the stack for an hour."""
    with (clone / FILE).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        json.dump(asdict(Holder("up", os.getpid(), time.time() - 3600)), lock)
        lock.flush()
        yield


def not_told(expected, found):
    """Those of some texts that no finding has, or several have."""
    return [text for text in expected if sum(text in one for one in found) != 1]


def test_what_is_wrong_without_an_engine_is_told_with_what_to_type(clone, tmp_path):
    for name, text in {
        ".prefect/profiles.toml": 'active = "x"\n[profiles.x]\nPREFECT_API_KEY = "swordfish"\n',
        ".aws/credentials": "[default]\naws_access_key_id = swordfish\n",
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    (clone / ".env").write_text("SNOWFLAKE_PASSWORD=swordfish\n")
    (clone / "prefect.yaml").unlink()
    with closing(socket.create_server(("127.0.0.1", 0))) as taken, late_server() as late:
        port = taken.getsockname()[1]
        ports = f"PREFECT_PORT={late}\nSLACK_PORT={port}\nSCAN_PORT={port}\n"
        (clone / ".stack" / "env").write_text(KEPT + ports)
        with held_lock(clone):
            found = findings(
                clone, tmp_path, docker=SILENT, make=OLD_MAKE, HOME=str(tmp_path),
                PIP_CERT=f"{tmp_path}/none.pem", HTTPS_PROXY="http://127.0.0.1:1",
                SLACK_WEBHOOK_URL="https://hooks.slack.com/services/T/B/swordfish",
            )  # fmt: skip
    own = f"(process {os.getpid()})"
    expected = (
        "Docker engine: no Docker engine answers -> start it (Docker Desktop, or: systemctl start",
        f"port {late}: port {late} is taken by ",
        f"{own} -> make up PREFECT_PORT=… chooses another",
        f"port {port}: port {port} is taken by ",
        f"_PORT are both {port} -> choose another",
        "files: prefect.yaml is missing here -> git checkout -- prefect.yaml",
        "none.pem can't be read -> name a file that can in PIP_CERT",
        "none.pem isn't there -> unset PIP_CERT",
        "proxy: HTTPS_PROXY is set and HTTP_PROXY isn't",
        "make: GNU Make 3.80 is older than 3.81 -> update it",
        "clock: Prefect's server is ",
        "SLACK_WEBHOOK_URL in this shell: ",
        "accounts: .env here holds SNOWFLAKE_PASSWORD: ",
        "accounts: AWS's profile default has keys in ",
        "accounts: Prefect's profile x holds PREFECT_API_KEY: ",
        f"lock: make up {own} has been at work here for ",
        f" -> kill {os.getpid()} ends it, then make up",
    )
    assert not_told(expected, found) == [], found
    assert "swordfish" not in "".join(found)


def test_what_is_wrong_with_an_engine_is_told_with_what_to_type(clone, tmp_path):
    (clone / ".stack" / "up").touch()
    expected = (
        "Docker engine: engine 20.10 or newer is needed, this is 19.3.1 -> update it",
        "Compose: Compose 2.21 or newer is needed, this is 2.4.1 -> update it",
        "buildx: this Docker has no buildx",
        "memory: too little memory: 1024 MiB are available, the stack needs 1536 -> end other",
        "disk: too little disk: 0 MiB are free in /proc, the stack needs 3072 -> docker system df",
        "data: there is data of an earlier stack of this folder",
        "socket: the engine at tcp://10.0.0.7:2375 may be another machine's",
        "architecture: Python here is ",
        "clock: Docker's engine is ",
        f"old stacks: 1 containers of canton-0a1b2c of {GONE}, which can't be seen from here",
        "stack: make up was the last word here, and none of its containers is there -> make up",
    )
    found = findings(clone, tmp_path, docker=POOR)
    assert not_told(expected, found) == [], found


def test_what_is_wrong_with_a_stack_is_told_with_what_to_type(clone, tmp_path):
    (clone / ".stack" / "disk.json").write_text(json.dumps([[time.time() - 86_500, 2**50]]))
    expected = (
        "services: slack is paused -> make up lets it go on",
        "disk growth: / is full in 0.0 days at the rate of the last 24 hours",
        "runs: Prefect's server tells nothing (",
    )
    found = findings(clone, tmp_path, docker=HALF_DEAD)
    assert not_told(expected, found) == [], found
