"""A stack's rules, what its worker asks for, and a Docker that keeps what it was asked."""

import json

import httpx

from local.stack.flow_containers import Rules

RULES = Rules(
    "stack",
    ("stack/pipeline:local", "stack/pipeline:next"),
    "stack-net",
    ("/repo/flows", "/repo/services"),
    most_memory=4 << 30,
    further_networks=("stack-egress", "stack-ports"),
    debug_folder="/repo/.debugger",
    debug_port="5688",
)
FLOW_RUN = {"com.docker.compose.project": "stack", "com.docker.compose.service": "flow-run"}
OURS, SERVICE, UNLABELLED, GONE, BROKEN = (letter * 64 for letter in "abcde")
EGRESS, OTHER_NETWORK = "e" * 64, "f" * 64
NETWORKS = {EGRESS: "stack-egress", OTHER_NETWORK: "other"}
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
    "Memory": 1 << 30,
    "MemorySwap": 1 << 30,
    "PidsLimit": 512,
}
WANTED = {"Image": "stack/pipeline:local", "Labels": FLOW_RUN, "HostConfig": HOST_CONFIG}
# What docker-py 7.2 sends for prefect_docker 0.7.4 with the defaults of local/stack/pool.py.
OF_THE_WORKER = {
    **WANTED,
    **dict.fromkeys(("Hostname", "Domainname", "ExposedPorts", "User", "Entrypoint")),
    **dict.fromkeys(("WorkingDir", "MacAddress", "StopSignal", "Healthcheck", "StopTimeout")),
    **dict.fromkeys(("Runtime",)),
    **dict.fromkeys(("Tty", "OpenStdin", "StdinOnce", "AttachStdin", "NetworkDisabled"), False),
    "AttachStdout": True,
    "AttachStderr": True,
    "Env": ["PREFECT__FLOW_RUN_ID=1"],
    "Cmd": ["python", "-m", "flows.execution"],
    "Volumes": {"/app/flows": {}, "/app/services": {}},
    "NetworkingConfig": {"stack-net": None},
    "HostConfig": HOST_CONFIG
    | {
        "AutoRemove": True,
        "ExtraHosts": ["host.docker.internal:host-gateway"],
        "Init": True,
        "NanoCpus": 2_000_000_000,
        "ReadonlyRootfs": True,
        "Tmpfs": {"/tmp": "", "/data": "uid=10001"},  # noqa: S108 -- in the container
    },
}


class Docker:
    """A Docker that knows some containers and keeps what it was asked.

    Attributes:
        runs: How many flow runs of the stack have a container.
        is_gone: Whether nobody listens at its socket any more.
    """

    def __init__(self):
        self.asked = []
        self.runs = 0
        self.is_gone = False

    def __call__(self, request):
        if self.is_gone:
            raise httpx.ConnectError("connection refused")
        if request.url.path == "/containers/json":  # the gate's own count
            assert request.url.params["all"] == "1"
            labels = json.loads(request.url.params["filters"])["label"]
            assert labels == [f"{name}={value}" for name, value in FLOW_RUN.items()]
            return _streamed(200, [{}] * self.runs)
        network = request.url.path.removeprefix("/networks/")
        if network in NETWORKS:  # the gate's own look
            return _streamed(200, {"Name": NETWORKS[network]})
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
