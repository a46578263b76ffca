"""Settings: one frozen object, a section a system, read from the environment and nowhere else.

``CANTON_BASE_URL`` is `settings.canton.base_url`. The difference between laptop and cloud is
values: S3 is wherever boto3's own ``AWS_ENDPOINT_URL_S3`` says (unset: AWS), Snowflake is at a
host or, without one, at the account's own address.
"""

import difflib
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from services.errors import SettingsWrong
from services.model import Position

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# The Snowflake connector's own variables; they share the prefix but are none of ours.
VENDOR_NAMES = frozenset({"SNOWFLAKE_HOME", "SNOWFLAKE_DEFAULT_CONNECTION_NAME"})


def _http_urls(text: str) -> str:
    urls = [url.strip().rstrip("/") for url in text.split(",")]
    for number, url in enumerate(urls, 1):
        if not _is_http_url(url):
            raise ValueError("is no http(s) URL" + (f": number {number}" if len(urls) > 1 else ""))
        if url in urls[: number - 1]:
            raise ValueError(f"names a URL twice: number {number}")
    return ",".join(urls)


def _is_http_url(text: str) -> bool:
    try:
        url = urlsplit(text)
        is_whole = url.scheme in {"http", "https"} and url.hostname and url.port != 0
    except ValueError:  # an open bracket, or a port beyond 65535
        is_whole = False
    return bool(is_whole) and not re.search(r"[\s?#;]", text)


def _start(text: str) -> str:
    try:
        Position.parse(text if "/" in text or text == "genesis" else f"0/{text}")
    except ValueError as error:
        raise ValueError(
            "is neither `genesis`, nor a UTC time (2025-12-10T16:00:00Z), nor a position"
            " (4/2025-12-10T16:00:00Z)"
        ) from error
    return text


class Section(BaseModel):
    """The settings of one system; a name it doesn't know is an error."""

    # Inputs are hidden: pydantic's own message would show a password next to what is missing.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class CantonSettings(Section):
    """The Canton Network's Scan API."""

    base_url: Annotated[str, AfterValidator(_http_urls)] = Field(
        description="Base URL of a Scan, ending in `/api/scan`; or several of one network,"
        " separated by commas, the preferred one first."
    )
    start_at: Annotated[str, AfterValidator(_start)] | None = Field(
        None,
        description="Where a new stream begins: a UTC time, a position `4/<time>`, or `genesis`."
        " Required before the first run: all of MainNet is more than 10 TB.",
    )
    network: str | None = Field(
        None,
        pattern=r"^[0-9a-f]{12}$",
        description="The network this warehouse is for: the first 12 hex digits of the DSO party's"
        " namespace. Unset: the first one seen.",
    )
    page_size: int = Field(
        1000,
        ge=1,
        le=1000,
        description="Updates a page; the API allows 1000. Fewer are asked for while it is slow.",
    )
    timeout_seconds: float = Field(60, gt=0, description="How long one page may take.")
    requests_per_second: float | None = Field(
        None,
        gt=0,
        description="How often a run asks a Scan at most. Unset: as soon as it has answered; a"
        " Scan's own limit is 10 for an address, and a Super Validator may set a lower one.",
    )
    clock: str = Field(
        "real",
        pattern="^(real|simulated)$",
        description="`real`: an update from the future, by this machine's clock, is refused."
        " `simulated`: the ledger has a clock of its own, as a mocked one has"
        " (`./pipeline clock`).",
    )

    @property
    def base_urls(self) -> tuple[str, ...]:
        """The base URL of each Scan, the preferred one first."""
        return tuple(self.base_url.split(","))


class LandingSettings(Section):
    """The S3 bucket that keeps every page as it was received."""

    bucket: str = Field(min_length=3, description="Bucket of the landing zone.")


class SnowflakeSettings(Section):
    """The warehouse. A password or a private key; host, port and protocol only for a local one."""

    account: str = Field(description="Account identifier (`local` for the local one).")
    user: str = Field(description="User that the flows log in as.")
    password: SecretStr | None = Field(None, description="Password; or use a private key.")
    private_key_path: FilePath | None = Field(
        None, description="PKCS#8 PEM file of a key-pair login; takes the place of the password."
    )
    private_key: SecretStr | None = Field(
        None,
        description="The key itself, without a passphrase: where secrets are variables, as on ECS.",
    )
    private_key_passphrase: SecretStr | None = Field(None, description="If the key has one.")
    host: str | None = Field(None, description="Host; unset: the account's own address.")
    port: int = Field(443, gt=0, lt=65536, description="Port.")
    protocol: str = Field("https", pattern="^https?$", description="`http` only for a local one.")
    database: str = Field("CANTON", description="Database with the schemas of all layers.")
    warehouse: str = Field("PIPELINE", description="Virtual warehouse that computes.")
    role: str | None = Field(None, description="Role; unset: the user's default.")
    login_timeout_seconds: int = Field(15, gt=0, description="How long a login may take.")
    statement_timeout_seconds: int = Field(900, gt=0, description="How long a statement may take.")
    lock_timeout_seconds: int = Field(
        330,
        gt=0,
        description="How long to wait for another run's lock before trying later. Snowflake rolls"
        " an idle transaction back that has been in the way for 300.",
    )

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        keys = [key for key in (self.private_key_path, self.private_key) if key is not None]
        if self.password is None and not keys:
            raise ValueError(
                "SNOWFLAKE_PASSWORD is missing, and so is SNOWFLAKE_PRIVATE_KEY_PATH:"
                " a login needs one of them"
            )
        if len(keys) == 2:
            raise ValueError(
                "SNOWFLAKE_PRIVATE_KEY is set, and so is SNOWFLAKE_PRIVATE_KEY_PATH:"
                " a login takes one of them"
            )
        return self


class SlackSettings(Section):
    """The Slack channel that hears of failures."""

    webhook_url: SecretStr | None = Field(
        None, description="Incoming webhook; unset: failures are only logged."
    )
    stack: str = Field(
        "",
        description="The cloud's stack (`canton-prod`), whose commands alerts say to type; unset:"
        " those of `make` and `./pipeline`.",
    )


class Settings(BaseSettings):
    """All sections, each with the settings whose names begin with its own."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_nested_delimiter="_",
        env_nested_max_split=1,
    )

    canton: CantonSettings
    landing: LandingSettings
    snowflake: SnowflakeSettings
    slack: SlackSettings = Field(default_factory=lambda: SlackSettings(webhook_url=None, stack=""))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- as pydantic-settings calls it
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from the caller alone: `read_settings` chooses the environment to read."""
        return (init_settings,)


SECTIONS: dict[str, type[Section]] = {
    name: field.annotation  # pyright: ignore[reportAssignmentType] -- each is a Section
    for name, field in Settings.model_fields.items()
}


def setting_names() -> dict[str, str]:
    """Every setting's environment variable and what it means."""
    return {
        f"{section}_{name}".upper(): field.description or ""
        for section, model in SECTIONS.items()
        for name, field in model.model_fields.items()
    }


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings that an environment holds; an empty value counts as none.

    Raises:
        SettingsWrong: One is missing, misspelt, or refused; all of them are named.
    """
    values = _values(environment)
    return _validated(Settings, {name: values.get(name, {}) for name in SECTIONS})


def refuse_mixture(settings: Settings, environment: Mapping[str, str] = os.environ) -> None:
    """A local warehouse loads from a local bucket, and Snowflake itself from AWS's own.

    Raises:
        SettingsWrong: Pages of a mocked ledger would get into a real account's bucket, or what was
            loaded of them into a real account's tables.
    """
    is_of_aws = is_bucket_of_aws(environment)
    if settings.snowflake.protocol == "https":
        if not is_of_aws:
            raise SettingsWrong(
                f"the warehouse is Snowflake's own account {settings.snowflake.account}, and the"
                " bucket an emulator's (AWS_ENDPOINT_URL_S3): one of both is of another environment"
            )
        return
    if is_of_aws:
        raise SettingsWrong(
            "SNOWFLAKE_PROTOCOL=http is a local warehouse's, and without an emulator's"
            f" AWS_ENDPOINT_URL_S3 the bucket {settings.landing.bucket} is AWS's own: one of a"
            " local environment is missing"
        )


def is_bucket_of_aws(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether boto3's settings lead to AWS's own S3, not to an emulator."""
    endpoints = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    url = next(filter(None, map(environment.get, endpoints)), None)
    if url is None:
        return True
    host = urlsplit(url).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def describe(settings: Settings) -> str:
    """The settings that have a value, as ``NAME=value``, for the log; secrets are masked."""
    return " ".join(
        f"{f'{section}_{name}'.upper()}={value}"
        for section in SECTIONS
        for name, value in getattr(settings, section)
        if value is not None
    )


def read_canton(environment: Mapping[str, str] = os.environ) -> CantonSettings:
    """The Scan's settings alone."""
    return _validated(CantonSettings, _values(environment).get("canton", {}), "canton")


def read_snowflake(environment: Mapping[str, str] = os.environ) -> SnowflakeSettings:
    """The warehouse's settings alone, for commands that need nothing else."""
    return _validated(SnowflakeSettings, _values(environment).get("snowflake", {}), "snowflake")


def read_landing(environment: Mapping[str, str] = os.environ) -> LandingSettings:
    """The landing zone's settings alone."""
    return _validated(LandingSettings, _values(environment).get("landing", {}), "landing")


def read_slack(environment: Mapping[str, str] = os.environ) -> SlackSettings:
    """Slack's settings alone: a failure is reported even if other settings are its cause."""
    return _validated(SlackSettings, _values(environment).get("slack", {}), "slack")


AnyModel = TypeVar("AnyModel", bound=BaseModel)


def _values(environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The values of an environment by section and name, unknown names too."""
    source = EnvSettingsSource(Settings)
    source.env_vars = {
        name.lower(): value
        for name, value in environment.items()
        if value and name not in VENDOR_NAMES and name.lower() not in SECTIONS
    }
    return source()


def _validated(model: type[AnyModel], values: object, *within: str) -> AnyModel:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = [_explain((*within, *problem["loc"]), problem) for problem in error.errors()]
        raise SettingsWrong("\n".join(problems)) from error


def _explain(location: tuple[str | int, ...], problem: "ErrorDetails") -> str:
    name = "_".join(str(part) for part in location).upper()
    if problem["type"] == "missing":
        return f"setting {name} is missing: {setting_names()[name]}"
    if problem["type"] == "extra_forbidden":
        close = difflib.get_close_matches(name, setting_names(), n=1)
        hint = (
            f"did you mean {close[0]}?" if close else "docs/reference/settings.md lists them all."
        )
        return f"unknown setting {name}: {hint}"
    if problem["type"] == "value_error":  # one of ours, worded to follow the name
        message = problem["msg"].removeprefix("Value error, ")
        return f"setting {message}" if name.lower() in SECTIONS else f"setting {name} {message}"
    return f"setting {name}: {problem['msg']}"
