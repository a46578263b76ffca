"""What the gate lets through to Docker; what it refuses, Docker never hears of."""

import asyncio
import json
from urllib.parse import unquote

import httpx
import pytest

from stack.gate import LONGEST_BODY, Refused, Rules, checked_create, create_app

RULES = Rules("stack", "stack/pipeline:local", "stack-net", ("/repo/flows", "/repo/services"))
FLOW_RUN = {"com.docker.compose.project": "stack", "com.docker.compose.service": "flow-run"}
OURS, SERVICE, UNLABELLED, GONE, BROKEN = (letter * 64 for letter in "abcde")
CONTAINERS = {
    OURS: FLOW_RUN,
    SERVICE: FLOW_RUN | {"com.docker.compose.service": "postgres"},
    UNLABELLED: None,
}
HOST_CONFIG = {
    "NetworkMode": "stack-net",
    "Binds": ["/repo/flows:/app/flows:ro", "/repo/services:/app/services:ro"],
    "CapDrop": ["ALL"],
    "SecurityOpt": ["no-new-privileges:true"],
}
WANTED = {"Image": "stack/pipeline:local", "Labels": FLOW_RUN, "HostConfig": HOST_CONFIG}
# What docker-py 7.2 sends for prefect_docker 0.7.4 with the defaults of stack/pool.yaml.
OF_THE_WORKER = {
    **WANTED,
    **dict.fromkeys(("Hostname", "Domainname", "ExposedPorts", "User", "Entrypoint")),
    **dict.fromkeys(("WorkingDir", "MacAddress", "StopSignal", "Healthcheck", "StopTimeout")),
    **dict.fromkeys(("Runtime",)),
    **dict.fromkeys(("Tty", "OpenStdin", "StdinOnce", "AttachStdin", "NetworkDisabled"), False),
    "AttachStdout": True,
    "AttachStderr": True,
    "Env": ["PREFECT__FLOW_RUN_ID=1"],
    "Cmd": ["prefect", "flow-run", "execute"],
    "Volumes": {"/app/flows": {}, "/app/services": {}},
    "NetworkingConfig": {"stack-net": None},
    "HostConfig": HOST_CONFIG
    | {
        "AutoRemove": True,
        "ExtraHosts": ["host.docker.internal:host-gateway"],
        "Init": True,
        "Memory": 1 << 30,
        "MemorySwap": 1 << 30,
        "NanoCpus": 2_000_000_000,
        "ReadonlyRootfs": True,
        "Tmpfs": {"/tmp": "", "/data": "uid=10001"},  # noqa: S108 -- in the container
    },
}


class Docker:
    """A Docker that knows some containers and keeps what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, request):
        container = request.url.path.rpartition("/containers/")[2].partition("/")[0]
        if request.url.path == f"/containers/{container}/json":  # the gate's own look
            if container == BROKEN:
                return _streamed(500, {"message": "no"})
            if container not in CONTAINERS:
                return _streamed(404, {"message": "No such container"})
            return _streamed(200, {"Config": {"Labels": CONTAINERS[container]}})
        self.asked.append(request)
        return _streamed(200, {"from": "docker"})


def _streamed(status, answer):
    return httpx.Response(status, stream=httpx.ByteStream(json.dumps(answer).encode()))


@pytest.fixture
def docker():
    return Docker()


@pytest.fixture
def ask(docker):
    """Call the gate as its server does: with the path decoded, and nothing tidied up."""

    def call(line, body=b"", headers=()):
        method, _, target = line.partition(" ")
        path, _, query = target.partition("?")
        return asyncio.run(_answer(docker, _scope(method, path, query, headers), body))

    return call


def _scope(method, path, query, headers):
    return {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"docker-gate:2375"), *headers],
    }


async def _answer(docker, scope, body):
    sent = []
    unread = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        return unread.pop() if unread else await asyncio.Event().wait()  # nobody hangs up

    async def send(message):
        sent.append(message)

    transport = httpx.MockTransport(docker)
    async with httpx.AsyncClient(transport=transport, base_url="http://docker") as client:
        await create_app(RULES, client)(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent)
    is_refusal = sent[0]["status"] in {404, 405}  # by the router, in plain text
    return sent[0]["status"], text if is_refusal else json.loads(text)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("GET /_ping", id="ping"),
        pytest.param("GET /version", id="version"),
        pytest.param("GET /v1.41/version", id="version-of-a-version"),
        pytest.param("GET /v1.51/images/stack/pipeline:local/json", id="the-image"),
        pytest.param(f"GET /v1.41/containers/{OURS}/json", id="look"),
        pytest.param(f"GET /v1.41/containers/{OURS}/logs?follow=1&stdout=1", id="logs"),
        pytest.param(f"POST /v1.41/containers/{OURS}/start", id="start"),
        pytest.param(f"POST /v1.41/containers/{OURS}/stop?t=30", id="stop"),
        pytest.param(f"POST /v1.41/containers/{OURS}/wait", id="wait"),
        pytest.param(f"POST /v1.41/containers/{GONE}/stop", id="gone"),
    ],
)
def test_a_call_that_starting_a_flow_run_takes_reaches_docker_as_it_is(ask, docker, line):
    assert ask(line) == (200, {"from": "docker"})
    [asked] = docker.asked
    assert f"{asked.method} {asked.url.raw_path.decode()}" == line


def test_only_a_create_call_has_a_body_for_docker(ask, docker):
    ask(f"POST /containers/{OURS}/start", json.dumps({"Privileged": True}).encode())
    assert [one.content for one in docker.asked] == [b""]


def test_no_header_of_the_caller_reaches_docker(ask, docker):
    headers = [(b"upgrade", b"tcp"), (b"connection", b"Upgrade"), (b"x-registry-auth", b"e30=")]
    ask(f"GET /containers/{OURS}/logs", headers=headers)
    [asked] = docker.asked
    assert asked.headers["connection"] == "keep-alive"
    assert {"upgrade", "x-registry-auth"}.isdisjoint(asked.headers)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("GET /info", id="info"),
        pytest.param("GET /events", id="events"),
        pytest.param("GET /system/df", id="disk"),
        pytest.param("POST /auth", id="login"),
        pytest.param("POST /build", id="build"),
        pytest.param("POST /build/prune", id="build-prune"),
        pytest.param("POST /session", id="session"),
        pytest.param("POST /grpc", id="grpc"),
        pytest.param("POST /commit?container=x", id="commit"),
        pytest.param("GET /images/json", id="images"),
        pytest.param("POST /images/create?fromImage=alpine", id="pull"),
        pytest.param("POST /images/load", id="load"),
        pytest.param("GET /images/get", id="save"),
        pytest.param("DELETE /images/stack/pipeline:local", id="image-delete"),
        pytest.param("POST /images/stack/pipeline:local/tag", id="tag"),
        pytest.param("POST /images/stack/pipeline:local/push", id="push"),
        pytest.param("GET /images/stack/postgres/json", id="another-image"),
        pytest.param("GET /distribution/alpine/json", id="registry"),
        pytest.param("GET /networks", id="networks"),
        pytest.param("GET /networks/stack-net", id="network"),
        pytest.param("POST /networks/create", id="network-create"),
        pytest.param("POST /networks/stack-net/connect", id="connect"),
        pytest.param("POST /networks/other/connect", id="connect-another"),
        pytest.param("POST /networks/stack-net/disconnect", id="disconnect"),
        pytest.param("GET /volumes", id="volumes"),
        pytest.param("POST /volumes/create", id="volume-create"),
        pytest.param("POST /swarm/init", id="swarm"),
        pytest.param("GET /nodes", id="nodes"),
        pytest.param("POST /services/create", id="services"),
        pytest.param("GET /tasks", id="tasks"),
        pytest.param("GET /secrets", id="secrets"),
        pytest.param("GET /configs", id="configs"),
        pytest.param("GET /plugins", id="plugins"),
        pytest.param("POST /plugins/pull", id="plugin-pull"),
        pytest.param("POST /exec/x/start", id="exec-start"),
        pytest.param("GET /containers/json", id="containers"),
        pytest.param("POST /containers/prune", id="prune"),
        pytest.param("GET /containers/create", id="create-by-get"),
        pytest.param(f"POST /containers/{OURS}/exec", id="exec"),
        pytest.param(f"POST /containers/{OURS}/attach", id="attach"),
        pytest.param(f"GET /containers/{OURS}/attach/ws", id="attach-ws"),
        pytest.param(f"POST /containers/{OURS}/rename?name=x", id="rename"),
        pytest.param(f"POST /containers/{OURS}/update", id="update"),
        pytest.param(f"POST /containers/{OURS}/restart", id="restart"),
        pytest.param(f"POST /containers/{OURS}/kill", id="kill"),
        pytest.param(f"POST /containers/{OURS}/copy", id="copy"),
        pytest.param(f"GET /containers/{OURS}/export", id="export"),
        pytest.param(f"GET /containers/{OURS}/archive?path=/", id="archive"),
        pytest.param(f"PUT /containers/{OURS}/archive?path=/", id="archive-put"),
        pytest.param(f"GET /containers/{OURS}/top", id="top"),
        pytest.param(f"GET /containers/{OURS}/stats", id="stats"),
        pytest.param(f"DELETE /containers/{OURS}?force=1", id="delete"),
        pytest.param(f"DELETE /containers/{OURS}/start", id="another-method"),
        pytest.param("GET /containers/stack-postgres-1/json", id="by-name"),
        pytest.param(f"POST /containers/{OURS[:12]}/stop", id="by-short-id"),
        pytest.param(f"POST /containers/{OURS.upper()}/stop", id="id-in-capitals"),
    ],
)
def test_every_other_call_is_refused(ask, docker, line):
    status, answer = ask(line, json.dumps(WANTED | {"Container": OURS}).encode())
    assert (status, docker.asked) == (403, [])
    assert "is not what starting a flow run takes" in answer["message"]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("GET //version", id="double-slash"),
        pytest.param("GET //docker/version", id="host-in-the-path"),
        pytest.param("GET /version/", id="trailing-slash"),
        pytest.param("GET /VERSION", id="case"),
        pytest.param("GET /version%3Fa=1", id="encoded-query"),
        pytest.param("GET /version%23", id="encoded-fragment"),
        pytest.param("GET /version%20", id="space"),
        pytest.param("GET /version%0A", id="line-break"),
        pytest.param(f"POST /containers/{OURS}/stop%0A", id="line-break-after-ours"),
        pytest.param("GET /v1.41/v1.41/version", id="two-versions"),
        pytest.param("GET /_ping/v1.41/version", id="version-later"),
        pytest.param("GET /v1.40/version", id="old-version"),
        pytest.param("GET /v1.4/version", id="older-version"),
        pytest.param("GET /v1.411/version", id="long-version"),
        pytest.param("GET /v2.41/version", id="next-version"),
        pytest.param("GET /v1%2E4%D9%A1/version", id="arabic-digit"),
        pytest.param(f"POST /v1.23/containers/{OURS}/start", id="start-with-a-host-config"),
        pytest.param("POST /v1.41/containers/v1.41/create", id="version-in-the-middle"),
        pytest.param(f"GET /images/../containers/{SERVICE}/json", id="dots"),
        pytest.param(f"GET /images/%2e%2e/containers/{SERVICE}/json", id="encoded-dots"),
        pytest.param("GET /images/%252e%252e/containers/json", id="twice-encoded-dots"),
        pytest.param(f"POST /containers/{OURS}/../{SERVICE}/stop", id="dots-after-ours"),
        pytest.param(f"POST /containers/{OURS}%2F..%2F{SERVICE}/stop", id="encoded-slash"),
        pytest.param(f"POST /containers/{OURS}/stop/../../../build", id="dots-at-the-end"),
    ],
)
def test_no_spelling_of_a_path_gets_around_the_gate(ask, docker, line):
    status, answer = ask(line, json.dumps(WANTED).encode())
    assert (status, docker.asked) == (403, [])
    assert "is not what starting a flow run takes" in answer["message"]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("GET http://docker/version", id="absolute"),
        pytest.param("GET /a%0Ab", id="line-break"),
        pytest.param("OPTIONS /version", id="options"),
        pytest.param("CONNECT /version", id="connect"),
        pytest.param("get /version", id="method-in-small-letters"),
    ],
)
def test_what_is_no_call_at_all_has_no_route(ask, docker, line):
    status, _ = ask(line)
    assert status in {404, 405}
    assert docker.asked == []


def test_the_host_header_is_no_part_of_the_path(ask, docker):
    scope = _scope("POST", "/build", "", ()) | {"headers": [(b"host", b"x/version?")]}
    status, _ = asyncio.run(_answer(docker, scope, b""))
    assert (status, docker.asked) == (403, [])


def test_a_path_cannot_steer_the_terminal_that_shows_the_log(ask, docker, capsys):
    status, _ = ask("GET /a%1b[2Jb")
    assert (status, docker.asked) == (403, [])
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "container",
    [
        pytest.param(SERVICE, id="a-service"),
        pytest.param(UNLABELLED, id="no-labels"),
        pytest.param(BROKEN, id="docker-cannot-say"),
    ],
)
@pytest.mark.parametrize("call", ["GET json", "GET logs", "POST start", "POST stop", "POST wait"])
def test_a_container_that_is_no_flow_run_is_left_alone(ask, docker, call, container):
    method, _, act = call.partition(" ")
    status, answer = ask(f"{method} /v1.41/containers/{container}/{act}")
    assert (status, docker.asked) == (403, [])
    assert "is no flow run of this stack" in answer["message"]


def test_a_flow_run_of_another_stack_is_left_alone(ask, docker, monkeypatch):
    labels = FLOW_RUN | {"com.docker.compose.project": "another"}
    monkeypatch.setitem(CONTAINERS, OURS, labels)
    status, _ = ask(f"POST /containers/{OURS}/stop")
    assert (status, docker.asked) == (403, [])


def test_what_the_worker_sends_is_created(ask, docker):
    status, _ = ask("POST /v1.41/containers/create", json.dumps(OF_THE_WORKER).encode())
    [asked] = docker.asked
    unset = {name for name, value in OF_THE_WORKER.items() if value in (None, False)}
    expected = {name: value for name, value in OF_THE_WORKER.items() if name not in unset}
    assert status == 200
    assert json.loads(asked.content) == expected
    assert asked.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        pytest.param("", "", id="none"),
        pytest.param("?name=clever-fox", "name=stack-flow-run-clever-fox", id="the-run-s"),
        pytest.param("?name=snowflake", "name=stack-flow-run-snowflake", id="a-service-s"),
        pytest.param("?name=a&name=b&platform=x", "name=stack-flow-run-b", id="nothing-else"),
    ],
)
def test_a_flow_run_cannot_take_the_name_of_a_service(ask, docker, query, name):
    ask(f"POST /containers/create{query}", json.dumps(WANTED).encode())
    assert [one.url.query.decode() for one in docker.asked] == [name]


@pytest.mark.parametrize(
    ("host_config", "reason"),
    [
        pytest.param({"Privileged": True}, "Privileged=true", id="privileged"),
        pytest.param({"privileged": True}, "privileged=true", id="privileged-lower"),
        pytest.param({"Binds": ["/:/h:ro"]}, "Binds=", id="bind-root"),
        pytest.param({"Binds": ["/etc:/h:ro"]}, "Binds=", id="bind-outside"),
        pytest.param({"Binds": ["/repo:/h:ro"]}, "Binds=", id="bind-above"),
        pytest.param({"Binds": ["/repo/flows2:/h:ro"]}, "Binds=", id="bind-beside"),
        pytest.param({"Binds": ["/repo/flows/link:/h:ro"]}, "Binds=", id="bind-within"),
        pytest.param({"Binds": ["/repo/flows/../..:/h:ro"]}, "Binds=", id="bind-dots"),
        pytest.param({"Binds": ["/repo/flows:/h"]}, "Binds=", id="bind-writable"),
        pytest.param({"Binds": ["/repo/flows:/h:rw"]}, "Binds=", id="bind-rw"),
        pytest.param({"Binds": ["/repo/flows:/h:ro,rshared"]}, "Binds=", id="bind-shared"),
        pytest.param({"Binds": ["/repo/flows:/h:ro:rw"]}, "Binds=", id="bind-four-parts"),
        pytest.param({"Binds": ["postgres:/h:ro"]}, "Binds=", id="named-volume"),
        pytest.param({"Binds": ["flows:/h:ro"]}, "Binds=", id="bind-relative"),
        pytest.param({"Binds": ["./flows:/h:ro"]}, "Binds=", id="bind-dot-relative"),
        pytest.param({"Binds": [*HOST_CONFIG["Binds"], "/:/h:ro"]}, "Binds=", id="bind-last"),
        pytest.param({"Binds": "/repo/flows:/h:ro"}, "Binds=", id="binds-no-list"),
        pytest.param({"Binds": {"/repo/flows": {}}}, "Binds=", id="binds-an-object"),
        pytest.param({"Binds": [1]}, "Binds=", id="bind-no-text"),
        pytest.param({"binds": ["/:/h"]}, "binds=", id="binds-lower"),
        pytest.param({"Bind\u017f": ["/:/h"]}, "Bind", id="binds-long-s"),
        pytest.param({"Mounts": [{"Type": "bind"}]}, "Mounts=", id="mounts"),
        pytest.param({"PidMode": "host"}, "PidMode=", id="pid"),
        pytest.param({"PidMode": f"container:{SERVICE}"}, "PidMode=", id="pid-of-another"),
        pytest.param({"IpcMode": "host"}, "IpcMode=", id="ipc"),
        pytest.param({"UTSMode": "host"}, "UTSMode=", id="uts"),
        pytest.param({"UsernsMode": "host"}, "UsernsMode=", id="userns"),
        pytest.param({"CgroupnsMode": "host"}, "CgroupnsMode=", id="cgroupns"),
        pytest.param({"NetworkMode": "host"}, "NetworkMode=", id="net-host"),
        pytest.param({"NetworkMode": "none"}, "NetworkMode=", id="net-none"),
        pytest.param({"NetworkMode": "default"}, "NetworkMode=", id="net-default"),
        pytest.param({"NetworkMode": None}, "NetworkMode=null", id="net-unset"),
        pytest.param({"NetworkMode": "other"}, "NetworkMode=", id="net-another"),
        pytest.param({"NetworkMode": "container:x"}, "NetworkMode=", id="net-of-another"),
        pytest.param({"Devices": [{"PathOnHost": "/dev/sda"}]}, "Devices=", id="devices"),
        pytest.param({"DeviceRequests": [{"Count": -1}]}, "DeviceRequests=", id="gpus"),
        pytest.param({"DeviceCgroupRules": ["a *:* rwm"]}, "DeviceCgroupRules=", id="rules"),
        pytest.param({"CapAdd": ["SYS_ADMIN"]}, "CapAdd=", id="cap-add"),
        pytest.param({"CapDrop": None}, "CapDrop=null", id="cap-drop-unset"),
        pytest.param({"CapDrop": ["MKNOD"]}, "CapDrop=", id="cap-drop-one"),
        pytest.param({"SecurityOpt": None}, "SecurityOpt=null", id="security-unset"),
        pytest.param({"SecurityOpt": []}, "SecurityOpt=", id="security-empty"),
        pytest.param({"SecurityOpt": ["seccomp=unconfined"]}, "SecurityOpt=", id="seccomp"),
        pytest.param(
            {"SecurityOpt": ["no-new-privileges:true", "apparmor=unconfined"]},
            "SecurityOpt=",
            id="apparmor",
        ),
        pytest.param({"VolumesFrom": [SERVICE]}, "VolumesFrom=", id="volumes-from"),
        pytest.param({"VolumeDriver": "x"}, "VolumeDriver=", id="volume-driver"),
        pytest.param({"Sysctls": {"net.core.somaxconn": "1"}}, "Sysctls=", id="sysctls"),
        pytest.param({"PortBindings": {"80/tcp": [{}]}}, "PortBindings=", id="ports"),
        pytest.param({"PublishAllPorts": True}, "PublishAllPorts=", id="all-ports"),
        pytest.param({"Runtime": "other"}, "Runtime=", id="runtime"),
        pytest.param({"CgroupParent": "/"}, "CgroupParent=", id="cgroup-parent"),
        pytest.param({"Cgroup": f"container:{SERVICE}"}, "Cgroup=", id="cgroup"),
        pytest.param({"MaskedPaths": ["/x"]}, "MaskedPaths=", id="masked"),
        pytest.param({"MaskedPaths": []}, "MaskedPaths=[]", id="nothing-masked"),
        pytest.param({"ReadonlyPaths": []}, "ReadonlyPaths=[]", id="nothing-readonly"),
        pytest.param({"Links": ["postgres:db"]}, "Links=", id="links"),
        pytest.param({"GroupAdd": ["111"]}, "GroupAdd=", id="group-add"),
        pytest.param({"OomKillDisable": True}, "OomKillDisable=", id="oom"),
        pytest.param({"Ulimits": [{"Name": "core"}]}, "Ulimits=", id="ulimits"),
        pytest.param({"StorageOpt": {"size": "1T"}}, "StorageOpt=", id="storage"),
        pytest.param({"Dns": ["203.0.113.1"]}, "Dns=", id="dns"),
        pytest.param({"ContainerIDFile": "/x"}, "ContainerIDFile=", id="id-file"),
        pytest.param({"RestartPolicy": {"Name": "always"}}, "RestartPolicy=", id="restart"),
        pytest.param({"LogConfig": {"Type": "syslog"}}, "LogConfig=", id="log-driver"),
        pytest.param({"LogConfig": {"Config": {"tag": "x"}}}, "LogConfig=", id="log-options"),
        pytest.param({"NewerThanTheGate": 1}, "NewerThanTheGate=", id="unknown"),
    ],
)
def test_a_host_config_that_is_more_than_a_flow_run_s_is_refused(host_config, reason):
    body = WANTED | {"HostConfig": HOST_CONFIG | host_config}
    with pytest.raises(Refused, match="is not for flow runs") as refused:
        checked_create(RULES, json.dumps(body).encode())
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    ("top", "reason"),
    [
        pytest.param({"Image": "alpine"}, "Image=", id="another-image"),
        pytest.param({"Image": "stack/pipeline"}, "Image=", id="another-tag"),
        pytest.param({"Image": None}, "Image=null", id="no-image"),
        pytest.param({"Labels": None}, "Labels=null", id="no-labels"),
        pytest.param({"Labels": {}}, "Labels=", id="empty-labels"),
        pytest.param({"Labels": list(FLOW_RUN)}, "Labels=", id="labels-no-object"),
        pytest.param(
            {"Labels": FLOW_RUN | {"com.docker.compose.project": "another"}},
            "Labels=",
            id="another-project",
        ),
        pytest.param(
            {"Labels": FLOW_RUN | {"com.docker.compose.service": "postgres"}},
            "Labels=",
            id="a-service-s-labels",
        ),
        pytest.param({"HostConfig": None}, "null is no object", id="no-host-config"),
        pytest.param({"HostConfig": []}, "[] is no object", id="host-config-a-list"),
        pytest.param({"HostConfig": "x"}, '"x" is no object', id="host-config-a-text"),
        pytest.param({"HostConfig": {}}, "NetworkMode=null", id="host-config-empty"),
        pytest.param({"hostconfig": {"Privileged": True}}, "hostconfig=", id="host-config-lower"),
        pytest.param({"HOSTCONFIG": {}}, "HOSTCONFIG=", id="host-config-upper"),
        pytest.param({"image": "alpine"}, "image=", id="image-lower"),
        pytest.param({"labels": {}}, "labels=", id="labels-lower"),
        pytest.param({"User": "0"}, "User=", id="user"),
        pytest.param({"WorkingDir": "/proc/self/fd/8"}, "WorkingDir=", id="working-dir"),
        pytest.param({"Hostname": "postgres"}, "Hostname=", id="hostname"),
        pytest.param({"Domainname": "postgres"}, "Domainname=", id="domain"),
        pytest.param({"MacAddress": "02:42:ac:11:00:02"}, "MacAddress=", id="mac"),
        pytest.param({"Healthcheck": {"Test": ["CMD", "x"]}}, "Healthcheck=", id="health"),
        pytest.param({"ExposedPorts": {"80/tcp": {}}}, "ExposedPorts=", id="exposed"),
        pytest.param({"Tty": True}, "Tty=", id="tty"),
        pytest.param({"OpenStdin": True}, "OpenStdin=", id="stdin"),
        pytest.param({"NetworkingConfig": []}, "NetworkingConfig=", id="networking-a-list"),
        pytest.param({"NetworkingConfig": {"other": None}}, "NetworkingConfig=", id="networking"),
        pytest.param(
            {"NetworkingConfig": {"EndpointsConfig": {"other": None}}},
            "NetworkingConfig=",
            id="another-network",
        ),
        pytest.param(
            {"NetworkingConfig": {"EndpointsConfig": {"stack-net": None, "other": None}}},
            "NetworkingConfig=",
            id="a-second-network",
        ),
        pytest.param(
            {"NetworkingConfig": {"EndpointsConfig": {"stack-net": {"Aliases": ["postgres"]}}}},
            "NetworkingConfig=",
            id="alias",
        ),
        pytest.param(
            {"NetworkingConfig": {"EndpointsConfig": {"stack-net": {"IPAMConfig": {}}}}},
            "NetworkingConfig=",
            id="address",
        ),
        pytest.param(
            {"NetworkingConfig": {"endpointsconfig": {"other": {}}}},
            "NetworkingConfig=",
            id="networking-lower",
        ),
    ],
)
def test_a_container_that_is_no_flow_run_is_not_created(top, reason):
    with pytest.raises(Refused) as refused:
        checked_create(RULES, json.dumps(WANTED | top).encode())
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    "name", ["Image", "Labels", "HostConfig", "NetworkMode", "CapDrop", "SecurityOpt"]
)
def test_what_keeps_a_flow_run_in_its_place_cannot_be_left_out(name):
    body = {key: value for key, value in WANTED.items() if key != name}
    if name in HOST_CONFIG:
        body["HostConfig"] = {key: value for key, value in HOST_CONFIG.items() if key != name}
    with pytest.raises(Refused):
        checked_create(RULES, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "no JSON", id="empty"),
        pytest.param(b"Image=x", "no JSON", id="form"),
        pytest.param(b"\xff\xfe\x00", "no JSON", id="bytes"),
        pytest.param(b'{"Image"', "no JSON", id="half"),
        pytest.param(json.dumps(WANTED).encode() + b"{}", "no JSON", id="two-values"),
        pytest.param(b"[" * 100_000, "no JSON", id="deep"),
        pytest.param(b"[]", "is no object", id="list"),
        pytest.param(b"null", "is no object", id="null"),
        pytest.param(b'"x"', "is no object", id="text"),
    ],
)
def test_a_body_that_is_no_object_is_refused(body, reason):
    with pytest.raises(Refused, match=reason):
        checked_create(RULES, body)


def test_a_body_that_is_longer_than_any_flow_run_s_is_refused(ask, docker):
    body = json.dumps(WANTED | {"Env": ["A=" + "a" * LONGEST_BODY]}).encode()
    status, answer = ask("POST /containers/create", body)
    assert (status, docker.asked) == (403, [])
    assert "is longer than" in answer["message"]


def test_of_two_keys_the_one_that_was_checked_is_sent_on():
    first = json.dumps(WANTED)[:-1] + ', "HostConfig": {"Privileged": true}}'
    with pytest.raises(Refused, match="Privileged=true"):
        checked_create(RULES, first.encode())
    last = '{"HostConfig": {"Privileged": true}, ' + json.dumps(WANTED)[1:]
    assert json.loads(checked_create(RULES, last.encode())) == WANTED


@pytest.mark.parametrize(
    ("top", "host_config"),
    [
        # Docker takes keys in any case, and null empties what was set before.
        pytest.param({"labels": None, "hostconfig": None}, {}, id="null-at-the-top"),
        pytest.param({}, {"capdrop": None, "securityopt": None}, id="null-in-the-host-config"),
        pytest.param({"user": False}, {"privileged": False}, id="false"),
    ],
)
def test_a_key_that_is_not_known_is_not_sent_on_even_empty(top, host_config):
    body = {**WANTED, "HostConfig": HOST_CONFIG | host_config, **top}
    assert json.loads(checked_create(RULES, json.dumps(body).encode())) == WANTED


def test_a_refused_create_call_never_reaches_docker_and_says_why(ask, docker, capsys):
    body = json.dumps(WANTED | {"HostConfig": HOST_CONFIG | {"Privileged": True}}).encode()
    status, answer = ask("POST /v1.41/containers/create", body)
    why = "POST '/v1.41/containers/create': Privileged=true is not for flow runs"
    assert (status, answer, docker.asked) == (403, {"message": why}, [])
    assert capsys.readouterr().out == f"refused {why}\n"


def test_the_rules_are_read_from_the_environment_of_the_service():
    environment = {
        "COMPOSE_PROJECT": "stack",
        "FLOW_IMAGE": "stack/pipeline:local",
        "FLOW_NETWORK": "stack-net",
        "FLOW_FOLDERS": "/repo/flows:/repo/services",
    }
    assert Rules.from_environment(environment) == RULES
    assert Rules.from_environment(environment | {"FLOW_FOLDERS": ""}).folders == ()
