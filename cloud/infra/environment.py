"""The environment of each container: values, and the names of secrets.

Plain data, known without Pulumi or an account: ECS gets it from here, and so does whatever compares
one place to run with another. A setting of the pipeline that stands nowhere here keeps its default.
"""

from dataclasses import dataclass

from cloud.infra.names import SERVER_PORT, Names
from cloud.infra.settings import CloudSettings, Settings

SLACK_SECRET = "slack-webhook-url"  # noqa: S105 -- its key
# Secrets Manager keeps them under `<stack>/<key>`; people put the values in (docs/cloud.md).
SECRETS = {
    "snowflake-private-key": "PKCS#8 PEM of the flows' user in Snowflake, without a passphrase",
    SLACK_SECRET: "Slack's incoming webhook, where flows tell failures",
    "prefect-auth": "`name:password` that Prefect's server of our own asks for",
    "prefect-api-key": "API key of Prefect Cloud",
}
DATABASE_PASSWORD = "database-password"  # noqa: S105 -- made, kept and changed by RDS

SCRATCH = "/tmp"  # noqa: S108 -- a tmpfs, and all that a container may write to
ECS_WORKER_PATH = "/app:/ecs"  # the image's, and where docker/Dockerfile lays prefect-aws apart
SERVER_HOME = "/data"  # but for the server: cloud/infra/server_home.py


@dataclass(frozen=True)
class Environment:
    """The environment of one container.

    Args:
        values: Variables by name.
        secrets: By the variable's name the key of the secret, one of `SECRETS`.
    """

    values: dict[str, str]
    secrets: dict[str, str]


def flow_environment(settings: Settings) -> Environment:
    """Return a flow run's environment, which `services/settings.py`, boto3 and Prefect read."""
    names, snowflake, canton = Names(settings), settings.snowflake, settings.canton
    values = {
        "CANTON_BASE_URL": canton.base_url,
        "CANTON_START_AT": canton.start_at,
        **({"CANTON_NETWORK": canton.network} if canton.network else {}),
        "LANDING_BUCKET": settings.landing.bucket,
        "SNOWFLAKE_ACCOUNT": snowflake.identifier,
        "SNOWFLAKE_DATABASE": snowflake.database,
        "SNOWFLAKE_ROLE": names.pipeline_role,
        "SNOWFLAKE_STATEMENT_TIMEOUT_SECONDS": str(snowflake.statement_timeout_seconds),
        "SNOWFLAKE_USER": names.pipeline_role,
        "SNOWFLAKE_WAREHOUSE": snowflake.warehouse,
    }
    secrets = {
        "SNOWFLAKE_PRIVATE_KEY": "snowflake-private-key",
        "SLACK_WEBHOOK_URL": SLACK_SECRET,
    }
    client = client_environment(settings)
    return Environment(values | client.values | _RUN, secrets | client.secrets)


_RUN = {
    # A task that ECS stops for its own reasons hands its run to another, instead of crashing it.
    "PREFECT_FLOW_RUN_EXECUTE_SIGTERM_BEHAVIOR": "reschedule",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "services",  # the adapters' warnings, in the run's log too
}


def client_environment(settings: Settings) -> Environment:
    """Return the environment of a client of Prefect's server: a flow run, a worker or a deploy."""
    api = settings.prefect.api
    values = {
        **_everywhere(settings),
        "PREFECT_API_URL": Names(settings).server_url,
        "PREFECT_UI_URL": page_url(settings),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_CLIENT_MAX_RETRIES": "10",
        "PREFECT_CLIENT_RETRY_EXTRA_CODES": "500",
    }
    if isinstance(api, CloudSettings):
        values["PREFECT_API_URL"] = api.api_url
        return Environment(values, {"PREFECT_API_KEY": "prefect-api-key"})
    return Environment(values, {"PREFECT_API_AUTH_STRING": "prefect-auth"})


def page_url(settings: Settings) -> str:
    """The URL of Prefect's page, which messages link to."""
    return settings.prefect.api.page_url or Names(settings).server_page_url


def worker_environment(settings: Settings) -> Environment:
    """Return the environment of the worker that starts flow runs as tasks and detects dead ones."""
    client = client_environment(settings)
    values = {
        **client.values,
        "PYTHONPATH": ECS_WORKER_PATH,
        "PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_NAME": Names(settings).of("ecs-events"),
        "PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE_REGION": settings.stack.region,
    }
    return Environment(values, client.secrets)


def server_environment(settings: Settings) -> Environment:
    """Return the environment of Prefect's server, without the database host that RDS assigns."""
    values = {
        **_everywhere(settings),
        "PREFECT_HOME": f"{SERVER_HOME}/prefect",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
            "prefect.server.concurrency.lease_storage.filesystem"
        ),
        "PREFECT_SERVER_DATABASE_DRIVER": "postgresql+asyncpg",
        "PREFECT_SERVER_DATABASE_NAME": "prefect",
        "PREFECT_SERVER_DATABASE_PORT": "5432",
        "PREFECT_SERVER_DATABASE_USER": "prefect",
        "PREFECT_SERVER_UI_API_URL": f"{page_url(settings)}/api",
        "PREFECT_UI_URL": page_url(settings),
        "PREFECT_UI_STATIC_DIRECTORY": f"{SCRATCH}/ui",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
    }
    secrets = {
        "PREFECT_SERVER_API_AUTH_STRING": "prefect-auth",
        "PREFECT_SERVER_DATABASE_PASSWORD": DATABASE_PASSWORD,
    }
    return Environment(values, secrets)


def wanted_secrets(settings: Settings) -> list[str]:
    """Keys of the secrets that this stack needs; the others aren't made."""
    flow = flow_environment(settings)
    return sorted({*flow.secrets.values()})


def _everywhere(settings: Settings) -> dict[str, str]:
    return {
        "AWS_REGION": settings.stack.region,
        "AWS_DEFAULT_REGION": settings.stack.region,
        "AWS_EC2_METADATA_DISABLED": "true",  # keys come from ECS
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": f"{SCRATCH}/prefect",  # the image's own, /data, is read-only here
    }


WORKER_NAME = "ecs"
WORKER_COMMAND = ("prefect", "worker", "start", "--type", "ecs", "--name", WORKER_NAME)
CONTROL_COMMAND = ("prefect", "worker", "start", "--type", "process", "--name", "control")
WORKER_OPTIONS = ("--with-healthcheck", "--install-policy", "never")
SERVER_COMMAND = ("prefect", "server", "start", "--host", "0.0.0.0", "--port", str(SERVER_PORT))  # noqa: S104


def worker_command(pool: str) -> list[str]:
    """Return the command of the worker that starts a work pool's flow runs as tasks."""
    return [*WORKER_COMMAND, "--pool", pool, *WORKER_OPTIONS]


def control_command() -> list[str]:
    """Return the command of the `control` worker, whose flow runs are its own processes."""
    return [*CONTROL_COMMAND, "--pool", "control", *WORKER_OPTIONS]
