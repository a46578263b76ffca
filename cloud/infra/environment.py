"""The environment of each container in the cloud: `deployments/containers.py` with our values.

Plain data, known without Pulumi or an account. A setting of the pipeline that stands nowhere here
keeps its default.
"""

from cloud.infra.names import Names
from cloud.infra.settings import CloudSettings, Settings
from deployments.containers import (
    CONTROL,
    FLOW_RUN,
    SERVER,
    WORKER,
    Container,
    Environment,
    environment,
)

SLACK_SECRET = "slack-webhook-url"  # noqa: S105 -- its key
# Secrets Manager keeps them under `<stack>/<key>`; people put the values in (docs/cloud.md).
SECRETS = {
    "snowflake-private-key": "PKCS#8 PEM of the flows' user in Snowflake, without a passphrase",
    SLACK_SECRET: "Slack's incoming webhook, where flows tell failures",
    "prefect-auth": "`name:password` that Prefect's server of our own asks for",
    "prefect-api-key": "API key of Prefect Cloud",
}
DATABASE_PASSWORD = "database-password"  # noqa: S105 -- made, kept and changed by RDS
SERVER_HOME = "/data"  # a volume: cloud/infra/server_home.py


def flow_environment(settings: Settings) -> Environment:
    """Return a flow run's environment, which `services/settings.py`, boto3 and Prefect read."""
    names, snowflake, canton = Names(settings), settings.snowflake, settings.canton
    return _environment(
        settings,
        FLOW_RUN,
        **{f"CANTON_{name}".upper(): str(value) for name, value in canton if value is not None},
        LANDING_BUCKET=settings.landing.bucket,
        SNOWFLAKE_ACCOUNT=snowflake.identifier,
        SNOWFLAKE_DATABASE=snowflake.database,
        SNOWFLAKE_ROLE=names.pipeline_role,
        SNOWFLAKE_STATEMENT_TIMEOUT_SECONDS=str(snowflake.statement_timeout_seconds),
        SNOWFLAKE_USER=names.pipeline_role,
        SNOWFLAKE_WAREHOUSE=snowflake.warehouse,
    )


def client_environment(settings: Settings) -> Environment:
    """Return the environment of a client of Prefect's server: the control worker or a deploy."""
    return _environment(settings, CONTROL)


def worker_environment(settings: Settings) -> Environment:
    """Return the environment of the worker that starts flow runs as tasks and detects dead ones."""
    observer = "PREFECT_INTEGRATIONS_AWS_ECS_OBSERVER_SQS_QUEUE"
    queue = {
        f"{observer}_NAME": Names(settings).of("ecs-events"),
        f"{observer}_REGION": settings.stack.region,
    }
    return _environment(settings, WORKER, **queue)


def server_environment(settings: Settings) -> Environment:
    """Return the environment of Prefect's server, without the database host that RDS assigns."""
    return _environment(settings, SERVER, PREFECT_SERVER_UI_API_URL=f"{page_url(settings)}/api")


def _environment(settings: Settings, container: Container, **own: str) -> Environment:
    api = settings.prefect.api
    is_cloud = isinstance(api, CloudSettings)
    shared = {
        "AWS_REGION": settings.stack.region,
        "AWS_DEFAULT_REGION": settings.stack.region,
        "PREFECT_API_URL": api.api_url if is_cloud else Names(settings).server_url,
        "PREFECT_UI_URL": page_url(settings),
        "SLACK_STACK": settings.stack.name,
    }
    found = environment(container, "ecs", {**shared, **own})
    unused = unused_secret(settings)
    secrets = {name: key for name, key in found.secrets.items() if name != unused}
    return Environment(found.values, secrets)


def unused_secret(settings: Settings) -> str:
    """The variable of the secret that is another kind of Prefect server's."""
    is_cloud = isinstance(settings.prefect.api, CloudSettings)
    return "PREFECT_API_AUTH_STRING" if is_cloud else "PREFECT_API_KEY"


def page_url(settings: Settings) -> str:
    """The URL of Prefect's page, which messages link to."""
    return settings.prefect.api.page_url or Names(settings).server_page_url


def secret_keys(settings: Settings) -> list[str]:
    """Keys of the secrets that this stack needs; the others aren't made."""
    flow = flow_environment(settings)
    return sorted({*flow.secrets.values()})
