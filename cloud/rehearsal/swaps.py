"""Everything that a rehearsal changes of production: where things are, and nothing that they do.

The table shows each of them; what differs without standing here fails the rehearsal.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace

from cloud.infra.settings import Settings
from deployments.pools import Pool
from local.console.local_settings import BUCKET, WAREHOUSE_USER

EMULATED_AWS = "http://aws:4566"
SERVER = "http://prefect-server:4200/api"


@dataclass(frozen=True)
class Swap:
    """A variable with another value than in production, or one that production hasn't."""

    name: str
    here: str
    why: str


def of_flow_runs(stack: Mapping[str, str]) -> list[Swap]:
    return [
        *_of_clients(stack),
        Swap("AWS_ENDPOINT_URL_S3", "http://localstack:4566", "S3 is the stack's LocalStack"),
        Swap("CANTON_BASE_URL", stack["CANTON_BASE_URL"], "the mocked Scan"),
        Swap("CANTON_CLOCK", "simulated", "the mocked ledger's clock can be moved"),
        Swap("LANDING_BUCKET", BUCKET, "the bucket that the local Snowflake's stage names"),
        Swap("SNOWFLAKE_HOST", "snowflake", "the local Snowflake"),
        Swap("SNOWFLAKE_PORT", "8085", "the local Snowflake"),
        Swap("SNOWFLAKE_PROTOCOL", "http", "the local Snowflake speaks no TLS"),
        Swap("SNOWFLAKE_USER", WAREHOUSE_USER, "its only user; the login is by key, as on AWS"),
    ]


def of_the_worker(stack: Mapping[str, str], settings: Settings) -> list[Swap]:
    return [
        *_of_clients(stack),
        Swap("AWS_ENDPOINT_URL", EMULATED_AWS, "AWS is ministack"),
        Swap("AWS_ACCESS_KEY_ID", settings.stack.account_id, "keys in the place of its role's"),
        Swap("AWS_SECRET_ACCESS_KEY", "emulated", "keys in the place of its role's"),
        Swap("PREFECT_WORKER_QUERY_SECONDS", "2", "nobody waits ten seconds to see a run start"),
    ]


def _of_clients(stack: Mapping[str, str]) -> list[Swap]:
    page = f"http://127.0.0.1:{stack['PREFECT_PORT']}"
    return [
        Swap("PREFECT_API_URL", SERVER, "the stack's Prefect server"),
        Swap("PREFECT_UI_URL", page, "its page on this machine"),
    ]


def secret_values(stack: Mapping[str, str], private_key: str) -> dict[str, str]:
    """Values that people would put into Secrets Manager, by key of `cloud.infra.environment`."""
    return {
        "prefect-auth": stack["PREFECT_AUTH"],
        "slack-webhook-url": "http://slack:8090/services/local",
        "snowflake-private-key": private_key,
    }


def swapped(values: Mapping[str, str], swaps: Iterable[Swap]) -> dict[str, str]:
    return {**values, **{one.name: one.here for one in swaps}}


def swapped_pool(pool: Pool, swaps: Iterable[Swap]) -> Pool:
    template = deepcopy(pool.template)
    (container,) = template["job_configuration"]["task_definition"]["containerDefinitions"]
    values = {one["name"]: one["value"] for one in container["environment"]}
    container["environment"] = [
        {"name": name, "value": value} for name, value in sorted(swapped(values, swaps).items())
    ]
    return replace(pool, template=template)
