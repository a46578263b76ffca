"""Each container that runs in more than one place, described once.

A flow run's, the workers' and Prefect's server's: what they run and as whom, what they may write
to, which variables and secrets they have. The stack's work pool (`local/stack/pool.py`), the task
definitions and the pool of ECS (`cloud/infra/containers.py`, `cloud/pools`) are made from it;
docker-compose.yml and the template for Kubernetes, which people read, are held to it by
tests/cloud/test_containers.py. A value that differs between places on purpose is a `ByPlatform`,
which says why.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")
Platform = Literal["docker", "ecs", "kubernetes"]


@dataclass(frozen=True)
class ByPlatform(Generic[T]):
    """A value that differs between places on purpose; None: the place has none.

    Args:
        kubernetes: The value on Kubernetes; None: that of ECS.
    """

    why: str
    docker: T | None = None
    ecs: T | None = None
    kubernetes: T | None = None


def at(platform: Platform, value: T | ByPlatform[T]) -> T | None:
    if not isinstance(value, ByPlatform):
        return value
    if platform == "kubernetes" and value.kubernetes is not None:
        return value.kubernetes
    return value.docker if platform == "docker" else value.ecs


class PlaceValue(Enum):
    """Marks a variable whose value each place sets itself."""

    VALUE = "its own"
    IF_ANY = "its own, if it has one"


OWN, IF_ANY = PlaceValue.VALUE, PlaceValue.IF_ANY
Value = str | PlaceValue
Variable = Value | ByPlatform[Value]
Secret = str | ByPlatform[str]

# --- What holds for every container ---


USER_ID = GROUP_ID = 10001  # `app` of docker/Dockerfile
USER = f"{USER_ID}:{GROUP_ID}"
READ_ONLY_ROOT = True
DROPPED_CAPABILITIES = ("ALL",)
INIT = True  # reaps what the container's own processes leave, and hands signals on
SCRATCH = "/tmp"  # noqa: S108 -- a tmpfs
HOME = ByPlatform("Prefect's home. On ECS only its server has it, a volume.", docker="/data")
NEW_PRIVILEGES_REFUSED = ByPlatform(
    "Fargate has no such option; the user isn't root, and a setuid program comes by no capability.",
    docker=True,
    ecs=False,
    kubernetes=True,
)
PIDS = ByPlatform(
    "Processes and threads. Fargate has no such option; a task has a machine of its own there.",
    docker=512,
)
STOP_SECONDS = ByPlatform(
    "A run hands its work to another where ECS or Kubernetes stops it; Fargate allows 120. Docker's"
    " default is 10, and Prefect's worker waits 30 for a run that it stops.",
    docker=10,
    ecs=60,
)


@dataclass(frozen=True)
class Health:
    """The timing of a service's health check, in seconds; `retries` is a count."""

    interval: ByPlatform[int]
    timeout: ByPlatform[int]
    retries: int
    start_period: int


# docker/probes/healthy rests 15 s before it probes a service that was well, then waits up to 10 s.
HEALTH = Health(
    ByPlatform("The start of the stack waits for the first answer.", docker=1, ecs=30),
    ByPlatform("ECS allows 60. A busy laptop takes longer to start the probe.", docker=40, ecs=30),
    retries=3,
    start_period=120,
)


@dataclass(frozen=True)
class Container:
    """A container that runs in more than one place.

    Args:
        command: What it runs. ``{pool}`` is the work pool; empty: what starts it brings a command.
        variables: By name the value, or that it is the place's own.
        secrets: By a variable's name the key under which a place keeps the value.
        health: The image's probe; empty: it is well while it runs.
    """

    name: str
    command: tuple[str, ...] | ByPlatform[tuple[str, ...]]
    variables: Mapping[str, Variable]
    secrets: Mapping[str, Secret] = field(default_factory=dict[str, Secret])
    health: tuple[str, ...] = ()


@dataclass(frozen=True)
class Environment:
    """The environment of one container.

    Args:
        values: Variables by name.
        secrets: By the variable's name the key of the secret.
    """

    values: dict[str, str]
    secrets: dict[str, str]


_SECRET_API = "The worker hands its own over to each run, unless it is told where it is kept."  # noqa: S105
_NO_LINKS = "Workers on the stack write no links to Prefect's page."
_PATIENCE = "Workers on the stack ask again by themselves."
_LOCAL_WAREHOUSE = "In the cloud it is the account's own address."
_TYPED = "Alerts say what to type: in the cloud its own commands, by the stack's name."
_OWN_NAMES = "The stack's are the pipeline's defaults."
_LOCAL_S3 = "LocalStack takes one pair of keys; ECS hands out those of the task's role."
_REGION = "On the stack, only what asks S3 is told a region; boto3's name is enough."
_DATABASE = "The stack's password is part of the URL; RDS keeps its own apart, and changes it."
_RETENTION = (
    "A laptop's disk is small: KEEP_RUNS says for how many days ended runs stay. In the cloud they"
    " are kept; docs/cloud-growth.md says how long the database has room."
)

_EVERYWHERE: dict[str, Variable] = {
    "AWS_EC2_METADATA_DISABLED": "true",  # keys come from ECS, or are LocalStack's
    "DO_NOT_TRACK": "1",
    "AWS_REGION": ByPlatform(_REGION, ecs=OWN),
    "AWS_DEFAULT_REGION": ByPlatform(_REGION, ecs=OWN),
    "PREFECT_HOME": ByPlatform("The image's own, /data/prefect, is read-only on ECS.",
                             ecs=f"{SCRATCH}/prefect"),
}  # fmt: skip
_API_SECRETS: dict[str, Secret] = {
    "PREFECT_API_AUTH_STRING": ByPlatform("With Prefect Cloud, the key takes its place.",
                                        docker="prefect-auth", ecs="prefect-auth"),
    "PREFECT_API_KEY": ByPlatform("Prefect Cloud's.", ecs="prefect-api-key"),
}  # fmt: skip
_WORKER: dict[str, Variable] = {
    **_EVERYWHERE,
    "PREFECT_API_URL": OWN,
    "PREFECT_UI_URL": ByPlatform(_NO_LINKS, ecs=OWN),
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": ByPlatform("Flow runs have it in both places.", ecs="30"),
    "PREFECT_CLIENT_MAX_RETRIES": ByPlatform(_PATIENCE, ecs="10"),
    "PREFECT_CLIENT_RETRY_EXTRA_CODES": ByPlatform(_PATIENCE, ecs="500"),
}
_QUERY_SECONDS = "A task takes longer to start than Prefect's own 10 s."

_WORKER_HEALTH = ("answers", "8080", "/health", "OK")


def _worker(pool: str, kind: str, name: str) -> tuple[str, ...]:
    start = ("prefect", "worker", "start", "--pool", pool, "--type", kind, "--name", name)
    return (*start, "--with-healthcheck", "--install-policy", "never")


# A run's requests to a Scan, and their rate: services/settings.py describes each.
SCAN_LIMITS = ("CANTON_PAGE_SIZE", "CANTON_TIMEOUT_SECONDS", "CANTON_REQUESTS_PER_SECOND")

FLOW_RUN = Container(
    "flow run",
    command=ByPlatform(
        "A run begins 4 s sooner by ours; Prefect's own hands the run of a task that ECS stops to"
        " another.",
        docker=("python", "-m", "flows.execution"),
        ecs=(),
    ),
    variables={
        **_EVERYWHERE,
        "AWS_REGION": OWN,
        "PREFECT_API_URL": OWN,
        "PREFECT_UI_URL": OWN,  # as a browser reaches it: Slack's messages link to it
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",  # the least; unheard of for 90 s, it is dead
        "PREFECT_CLIENT_MAX_RETRIES": "10",  # a server that restarts is waited for
        "PREFECT_CLIENT_RETRY_EXTRA_CODES": "500",  # of the server, while its database restarts
        "PREFECT_LOGGING_EXTRA_LOGGERS": "services",  # the adapters' warnings, in the run's log
        "PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR": ByPlatform(
            "ECS stops tasks for its own reasons; who stops a container here means the run.",
            ecs="reschedule",
        ),
        "CANTON_BASE_URL": OWN,
        "CANTON_START_AT": OWN,
        "CANTON_CLOCK": ByPlatform(
            "The mocked ledger's clock can be moved; a network's is the world's.", docker=OWN
        ),
        "CANTON_NETWORK": ByPlatform(
            "A mocked network's name changes with its ledger.", ecs=IF_ANY
        ),
        **dict.fromkeys(SCAN_LIMITS, IF_ANY),
        "LANDING_BUCKET": OWN,
        "SLACK_STACK": ByPlatform(_TYPED, ecs=OWN),
        "SNOWFLAKE_ACCOUNT": OWN,
        "SNOWFLAKE_USER": OWN,
        "SNOWFLAKE_HOST": ByPlatform(_LOCAL_WAREHOUSE, docker=OWN),
        "SNOWFLAKE_PORT": ByPlatform(_LOCAL_WAREHOUSE, docker=OWN),
        "SNOWFLAKE_PROTOCOL": ByPlatform(_LOCAL_WAREHOUSE, docker=OWN),
        "SNOWFLAKE_DATABASE": ByPlatform(_OWN_NAMES, ecs=OWN),
        "SNOWFLAKE_ROLE": ByPlatform(_OWN_NAMES, ecs=OWN),
        "SNOWFLAKE_WAREHOUSE": ByPlatform(_OWN_NAMES, ecs=OWN),
        "SNOWFLAKE_STATEMENT_TIMEOUT_SECONDS": ByPlatform(
            "A setting of the cloud's stack.", ecs=OWN
        ),
        "AWS_ENDPOINT_URL_S3": ByPlatform("The real S3 is where boto3 looks.", docker=OWN),
        "AWS_ACCESS_KEY_ID": ByPlatform(_LOCAL_S3, docker=OWN),
        "AWS_SECRET_ACCESS_KEY": ByPlatform(_LOCAL_S3, docker=OWN),
    },
    secrets={
        "SLACK_WEBHOOK_URL": "slack-webhook-url",
        "SNOWFLAKE_PASSWORD": ByPlatform("A key takes its place.", docker="snowflake-password"),
        "SNOWFLAKE_PRIVATE_KEY": ByPlatform(
            "A service user has no password; the local Snowflake takes keys as well.",
            ecs="snowflake-private-key",
        ),
        "PREFECT_API_AUTH_STRING": ByPlatform(_SECRET_API, ecs="prefect-auth"),
        "PREFECT_API_KEY": ByPlatform("Prefect Cloud's.", ecs="prefect-api-key"),
    },
)  # fmt: skip

WORKER = Container(
    "worker",
    command=ByPlatform(
        "What a run becomes, a container or a task, is the worker's business.",
        docker=_worker("{pool}", "docker", "docker"),
        ecs=_worker("{pool}", "ecs", "ecs"),
    ),
    variables={
        **_WORKER,
        "PREFECT_WORKER_QUERY_SECONDS": ByPlatform(_QUERY_SECONDS, docker="1"),
        "DOCKER_HOST": ByPlatform("Only here the worker talks to Docker.", docker=OWN),
        "PYTHONPATH": ByPlatform(
            "The image's, and where docker/Dockerfile lays prefect-aws: every process of Prefect's"
            " that found it would load it.",
            ecs="/app:/ecs",
        ),
        **dict.fromkeys(
            ("PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_NAME",
             "PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_REGION"),
            ByPlatform("A worker sees a container end; of a task's end it hears from a queue.",
                     ecs=OWN),
        ),
    },
    secrets=_API_SECRETS,
    health=_WORKER_HEALTH,
)  # fmt: skip

CONTROL = Container(
    "control worker",
    command=_worker("control", "process", "control"),
    variables={
        **_WORKER,
        "PREFECT_UI_URL": OWN,  # its flows' messages to Slack link to it
        "SLACK_STACK": ByPlatform(_TYPED, ecs=OWN),
        "PREFECT_WORKER_QUERY_SECONDS": ByPlatform(_QUERY_SECONDS, docker="2"),
    },
    secrets=_API_SECRETS,
    health=_WORKER_HEALTH,
)  # fmt: skip

SERVER_PORT = 4200
SERVER = Container(
    "prefect server",
    command=("prefect", "server", "start", "--host", "0.0.0.0", "--port", str(SERVER_PORT)),  # noqa: S104
    variables={
        **_EVERYWHERE,
        "PREFECT_HOME": ByPlatform("The image says so on the stack.", ecs="/data/prefect"),
        # Who holds a slot of a limit is kept on a volume: in memory, the default, a restart takes
        # the slots of running runs.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
            "prefect.server.concurrency.lease_storage.filesystem"
        ),
        "PREFECT_SERVER_UI_API_URL": OWN,
        "PREFECT_UI_URL": OWN,
        "PREFECT_UI_STATIC_DIRECTORY": ByPlatform(
            "Its page is put together at each start; in the cloud the volume is on a network.",
            docker="/data/page",
            ecs=f"{SCRATCH}/ui",
        ),
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": ByPlatform(
            "Each open connection keeps 5 MB of Postgres, and a laptop has less than RDS.",
            docker="3",
        ),
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_PREPARED_STATEMENT_CACHE_SIZE": ByPlatform(
            "Postgres keeps the plan of each, up to 100 a connection by default.", docker="20"
        ),
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": ByPlatform(_RETENTION, docker=OWN),
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": ByPlatform(_RETENTION, docker=OWN),
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": ByPlatform(_RETENTION, docker=OWN),
        "PREFECT_SERVER_DATABASE_DRIVER": ByPlatform(_DATABASE, ecs="postgresql+asyncpg"),
        "PREFECT_SERVER_DATABASE_HOST": ByPlatform(_DATABASE, ecs=IF_ANY),  # known once it is made
        "PREFECT_SERVER_DATABASE_NAME": ByPlatform(_DATABASE, ecs="prefect"),
        "PREFECT_SERVER_DATABASE_PORT": ByPlatform(_DATABASE, ecs="5432"),
        "PREFECT_SERVER_DATABASE_USER": ByPlatform(_DATABASE, ecs="prefect"),
    },
    secrets={
        "PREFECT_SERVER_API_AUTH_STRING": "prefect-auth",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": ByPlatform(_DATABASE, docker="database-url"),
        "PREFECT_SERVER_DATABASE_PASSWORD": ByPlatform(_DATABASE, ecs="database-password"),
    },
    health=("answers", str(SERVER_PORT), "/api/ready", '"OK"'),
)  # fmt: skip

CONTAINERS = (FLOW_RUN, WORKER, CONTROL, SERVER)


def environment(
    container: Container, platform: Platform, place_values: Mapping[str, str]
) -> Environment:
    """The environment of a container in a place.

    Args:
        place_values: The place's own values, by name; those that the container lacks are ignored.

    Raises:
        KeyError: The place sets no value for a variable that needs one.
    """
    values: dict[str, str] = {}
    for name, variable in container.variables.items():
        value = at(platform, variable)
        if value is OWN:
            values[name] = place_values[name]
        elif value is IF_ANY:
            values |= {name: place_values[name]} if place_values.get(name) else {}
        elif isinstance(value, str):
            values[name] = value
    return Environment(values, secrets(container, platform))


def secrets(container: Container, platform: Platform) -> dict[str, str]:
    """The keys of a container's secrets in a place, by variable."""
    kept = {name: at(platform, key) for name, key in container.secrets.items()}
    return {name: key for name, key in kept.items() if key is not None}


def command(container: Container, platform: Platform, pool: str = "") -> list[str]:
    return [word.format(pool=pool) for word in at(platform, container.command) or ()]


@dataclass(frozen=True)
class Difference:
    """A value that a container in the cloud has otherwise than on the stack.

    Args:
        where: What differs, such as ``worker: PYTHONPATH``.
        docker: Its value on the stack; ``-`` where there is none.
    """

    where: str
    docker: str
    ecs: str
    why: str


def differences(
    containers: Iterable[Container] = CONTAINERS, without: str = ""
) -> Iterator[Difference]:
    """Everything in which these containers differ in the cloud from those of the stack.

    Args:
        without: The secret that the cloud's have not, by its variable.
    """
    shared: dict[str, Any] = {
        "new privileges refused": NEW_PRIVILEGES_REFUSED, "processes": PIDS,
        "stop seconds": STOP_SECONDS,
        **{f"health {one.name}": getattr(HEALTH, one.name) for one in fields(HEALTH)},
    }  # fmt: skip
    yield from _differing("every container", shared)
    for container in containers:
        kept = dict(container.secrets)
        if without in kept:
            why = "Prefect's server of our own has a password, Prefect Cloud a key."
            kept[without] = ByPlatform(why, docker=at("docker", kept[without]))
        described = {"command": container.command, **container.variables, **kept}
        yield from _differing(container.name, described)


def _differing(where: str, described: Mapping[str, Any]) -> Iterator[Difference]:
    for name, value in described.items():
        if isinstance(value, ByPlatform) and value.docker != value.ecs:
            docker, ecs = (_plain(one) for one in (value.docker, value.ecs))
            yield Difference(f"{where}: {name}", docker, ecs, value.why)


def _plain(value: Any) -> str:
    if value is None or value == ():
        return "-"
    if isinstance(value, PlaceValue):
        return value.value
    return " ".join(value) if isinstance(value, tuple) else str(value).lower()
