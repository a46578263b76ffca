"""The names of all resources: one prefix per stack, so that two stacks fit into one account.

Names are known before anything exists. That is how two things may name each other: Snowflake's
integration names the role that trusts it.
"""

from dataclasses import dataclass

from cloud.infra.settings import Settings
from deployments.containers import SERVER_PORT

SCHEMAS = ("BRONZE", "SILVER", "GOLD", "OPS")
STAGE = "LANDING"
LANDING_PREFIX = "canton/"  # pages; the pipeline's own layout, services/landing.py
QUARANTINE_PREFIX = "quarantine/"
RESULTS_PREFIX = "results/"  # of steps; they are deleted
SERVICE_TAG = "service-"  # of images that services run: `./pipeline deploy` gives it


@dataclass(frozen=True)
class Names:
    """The names of a stack's parts."""

    settings: Settings

    def of(self, part: str) -> str:
        """A part's name: ``canton-prod-<part>``."""
        return f"{self.settings.stack.name}-{part}"

    def tags(self, part: str) -> dict[str, str]:
        """The tags of a part; the first is what the budget counts by."""
        stack = self.settings.stack
        return {
            "stack": stack.name,
            "Name": self.of(part),
            "owner": stack.owner,
            "cost-center": stack.cost_center,
            "managed-by": "pulumi",
        }

    def role_arn(self, part: str) -> str:
        return f"arn:aws:iam::{self.settings.stack.account_id}:role/{self.of(part)}"

    def arn(self, service: str, resource: str) -> str:
        stack = self.settings.stack
        return f"arn:aws:{service}:{stack.region}:{stack.account_id}:{resource}"

    @property
    def cluster(self) -> str:
        return self.settings.stack.name

    @property
    def flow_family(self) -> str:
        """The family of flow runs' task definitions, which Prefect's worker registers."""
        return self.of("flow")

    def log_group(self, part: str) -> str:
        """The log group of `flows`, `workers` or `server`."""
        return f"/{self.settings.stack.name}/{part}"

    def secret(self, key: str) -> str:
        return f"{self.settings.stack.name}/{key}"

    @property
    def dns_namespace(self) -> str:
        return f"{self.settings.stack.name}.internal"

    @property
    def server_page_url(self) -> str:
        """The page of the server of our own, by its name in the VPC."""
        return f"http://prefect-server.{self.dns_namespace}:{SERVER_PORT}"

    @property
    def server_url(self) -> str:
        """PREFECT_API_URL of the server of our own."""
        return f"{self.server_page_url}/api"

    @property
    def landing_url(self) -> str:
        """The S3 URL of the landing pages, as Snowflake's stage names it."""
        return f"s3://{self.settings.landing.bucket}/{LANDING_PREFIX}"

    @property
    def pipeline_role(self) -> str:
        """The Snowflake role of flows; their user has the same name."""
        return f"{self.settings.snowflake.database}_PIPELINE"

    @property
    def migration_role(self) -> str:
        """The Snowflake role that makes tables and functions; its user has the same name."""
        return f"{self.settings.snowflake.database}_MIGRATION"

    @property
    def reader_role(self) -> str:
        """The Snowflake role of people and dashboards."""
        return f"{self.settings.snowflake.database}_READER"

    @property
    def integration(self) -> str:
        return f"{self.settings.snowflake.database}_LANDING"
