"""Settings of a stack (`dev`, `prod`): one frozen object, a section a concern.

They stand in ``Pulumi.<stack>.yaml`` as Pulumi's own configuration, a key a section, and are read
from that file alone, so that they are the same with and without the engine. No secrets are among
them: those are put into Secrets Manager by people (docs/cloud.md).
"""

from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cloud.infra.fargate import explain_size

FOLDER = Path(__file__).parent
PROJECT = "canton-pipeline"  # Pulumi.yaml's name; the prefix of our keys
STACKS = ("dev", "prod")

Percent = Annotated[int, Field(gt=0, le=100)]


class InfraSettingsWrong(Exception):
    """A setting is missing, misspelt or refused; each is named."""


class Section(BaseModel):
    """Settings of one concern; a name it doesn't know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StackSettings(Section):
    """The stack's name, account, region, tags and protection from deletion."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,20}$", description="Prefix of all names.")
    account_id: str = Field(pattern=r"^\d{12}$", description="The AWS account.")
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="The AWS region.")
    owner: str = Field(description="Who is asked; a tag.")
    cost_center: str = Field(description="Who pays; a tag.")
    is_protected: bool = Field(description="Whether Pulumi refuses to delete what holds data.")


class NetworkSettings(Section):
    """The VPC."""

    cidr: IPv4Network = Field(description="Addresses of the VPC; 20 bits or fewer are fixed.")
    zones: tuple[str, ...] = Field(min_length=2, description="Availability zones; RDS needs two.")

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.cidr.prefixlen > 20:
            raise ValueError(f"cidr {self.cidr} is too small: a /20 or larger")
        return self


class LandingSettings(Section):
    """The bucket that keeps every page as it was received, for ever."""

    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", description="Its name.")
    cold_after_days: int = Field(
        ge=30, description="When a page moves to Glacier Instant Retrieval: loaded long ago."
    )


class CantonSettings(Section):
    """The Scan API, as the pipeline's settings of the same names."""

    base_url: str = Field(pattern=r"^https://", description="CANTON_BASE_URL.")
    start_at: str = Field(description="CANTON_START_AT.")
    network: str | None = Field(None, pattern=r"^[0-9a-f]{12}$", description="CANTON_NETWORK.")
    page_size: int | None = Field(None, ge=1, le=1000, description="CANTON_PAGE_SIZE.")
    timeout_seconds: float | None = Field(None, gt=0, description="CANTON_TIMEOUT_SECONDS.")
    requests_per_second: float | None = Field(None, gt=0, description="CANTON_REQUESTS_PER_SECOND.")


class Size(Section):
    """The CPU and memory of a Fargate task."""

    cpu: int = Field(description="CPU units, 1024 a core.")
    memory: int = Field(description="MiB.")

    @model_validator(mode="after")
    def _exists(self) -> Self:
        if problem := explain_size(self.cpu, self.memory):
            raise ValueError(problem)
        return self


class TaskSettings(Section):
    """The sizes, scratch space and image of the tasks that run on ECS."""

    flow: Size = Field(description="A flow run; 273 MB is the most a pipeline run took.")
    worker: Size = Field(description="The worker that starts flow runs as tasks.")
    control: Size = Field(description="The worker that looks after other runs.")
    scratch_mib: int = Field(gt=0, description="Scratch, a tmpfs: counts into the task's memory.")
    image_digest: str | None = Field(
        None,
        pattern=r"^sha256:[0-9a-f]{64}$",
        description="The image that services run; unset: none was pushed yet, none runs.",
    )
    kept_images: int = Field(gt=1, description="How many images the registry keeps.")


class ServerSettings(Section):
    """Prefect's server of our own: a service on ECS, a Postgres on RDS."""

    kind: Literal["server"]
    size: Size = Field(description="Of its task.")
    database_class: str = Field(pattern=r"^db\.", description="Instance class of its Postgres.")
    database_gib: int = Field(ge=20, description="Storage of its Postgres.")
    is_multi_zone: bool = Field(description="Whether a standby Postgres is kept in another zone.")
    backup_days: int = Field(gt=0, le=35, description="How long its backups are kept.")
    password_days: int = Field(gt=0, description="How often RDS changes the password.")
    page_url: str | None = Field(
        None, description="Where a browser reaches its page, if not by its name in the VPC."
    )
    admin_cidrs: tuple[IPv4Network, ...] = Field(
        (), description="Who else in the network may call it: a VPN, a bastion."
    )


class CloudSettings(Section):
    """Prefect Cloud: a workspace's addresses; its key is a secret."""

    kind: Literal["cloud"]
    api_url: str = Field(pattern=r"^https://", description="PREFECT_API_URL of the workspace.")
    page_url: str = Field(pattern=r"^https://", description="The workspace's page.")


class PrefectSettings(Section):
    """Prefect's server, and the work pool of the workers."""

    pool: str = Field(description="Work pool whose runs become tasks.")
    api: ServerSettings | CloudSettings = Field(discriminator="kind", description="Whose server.")


class SnowflakeSettings(Section):
    """The Snowflake account. Names are upper-case there."""

    organization: str = Field(description="The organization's name.")
    account: str = Field(description="The account's name within it.")
    database: str = Field(pattern="^[A-Z][A-Z0-9_]*$", description="SNOWFLAKE_DATABASE.")
    warehouse: str = Field(pattern="^[A-Z][A-Z0-9_]*$", description="SNOWFLAKE_WAREHOUSE.")
    warehouse_size: Literal["XSMALL", "SMALL", "MEDIUM", "LARGE", "XLARGE"]
    suspend_after_seconds: int = Field(ge=30, description="Idle time that is paid for.")
    statement_timeout_seconds: int = Field(gt=0, description="How long a statement may take.")
    credits_a_month: int = Field(gt=0, description="Where the resource monitor stops it.")
    warn_at_percent: Percent = Field(description="Of the credits: people are told.")
    notify_users: tuple[str, ...] = Field((), description="Who is told: users with an address.")
    retention_days: int = Field(ge=0, le=90, description="Time travel; over 1 needs Enterprise.")
    pipeline_public_key: str | None = Field(
        None, description="Of the flows' user; PEM without its first and last line."
    )
    pipeline_public_key_2: str | None = Field(
        None, description="A second one, while the first is being replaced."
    )
    migration_public_key: str | None = Field(None, description="Of the migrations' user.")
    migration_public_key_2: str | None = Field(None, description="Likewise.")

    @property
    def identifier(self) -> str:
        """SNOWFLAKE_ACCOUNT, the form that clients take."""
        return f"{self.organization}-{self.account}"


class LogSettings(Section):
    """CloudWatch Logs."""

    retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731]


class SlackSettings(Section):
    """The channel that alarms are posted to; the workspace lets AWS in once, in AWS's console."""

    workspace_id: str = Field(pattern="^T[A-Z0-9]+$", description="Of the workspace.")
    channel_id: str = Field(pattern="^C[A-Z0-9]+$", description="Of the channel.")


class AlarmSettings(Section):
    """The recipients of alarms, their thresholds in minutes, and the monthly budget."""

    emails: tuple[str, ...] = Field(min_length=1, description="Each has to confirm once.")
    slack: SlackSettings | None = Field(None, description="Unset: e-mail alone.")
    late_after_minutes: int = Field(gt=0, le=1440, description="Without a run that began.")
    stale_after_minutes: int = Field(gt=0, le=1440, description="Without bronze or gold done.")
    dollars_a_month: int = Field(gt=0, description="Budget of everything with our tag in AWS.")


class Settings(Section):
    """All sections."""

    stack_name: Literal["dev", "prod"]
    stack: StackSettings
    network: NetworkSettings
    landing: LandingSettings
    canton: CantonSettings
    tasks: TaskSettings
    prefect: PrefectSettings
    snowflake: SnowflakeSettings
    logs: LogSettings
    alarms: AlarmSettings

    @model_validator(mode="after")
    def _zones_are_of_the_region(self) -> Self:
        region = self.stack.region
        if foreign := [zone for zone in self.network.zones if not zone.startswith(region)]:
            raise ValueError(f"network.zones: {', '.join(foreign)}: not in {region}")
        return self


def read_settings(stack_name: str, folder: Path = FOLDER) -> Settings:
    """A stack's settings.

    Raises:
        InfraSettingsWrong: There is no such stack, or one of its settings is wrong; all are named.
    """
    file = folder / f"Pulumi.{stack_name}.yaml"
    if not file.exists():
        raise InfraSettingsWrong(f"there is no stack {stack_name}: {file.name} doesn't exist")
    config: dict[str, Any] = yaml.safe_load(file.read_text())["config"]
    prefix = f"{PROJECT}:"
    values = {
        key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)
    }
    settings = validated({**values, "stack_name": stack_name}, where=file.name)
    # Keys that Pulumi's providers read must lead nowhere else than our own settings.
    stack, snowflake = settings.stack, settings.snowflake
    expected = {
        "aws:region": ("stack.region", stack.region),
        "aws:allowedAccountIds": ("stack.account_id", [stack.account_id]),
        "snowflake:organizationName": ("snowflake.organization", snowflake.organization),
        "snowflake:accountName": ("snowflake.account", snowflake.account),
    }
    problems = [
        f"{file.name}: {key}: {config.get(key)}: expected {value}, as {path} says"
        for key, (path, value) in expected.items()
        if config.get(key) != value
    ]
    if problems:
        raise InfraSettingsWrong("\n".join(problems))
    return settings


def validated(values: dict[str, Any], where: str = "settings") -> Settings:
    """Settings from plain values.

    Raises:
        InfraSettingsWrong: One of them is wrong.
    """
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise InfraSettingsWrong(explain(error, where)) from error


def explain(error: ValidationError, where: str) -> str:
    """Every problem of some values, a line each."""
    return "\n".join(
        f"{where}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}"
        for problem in error.errors()
    )
