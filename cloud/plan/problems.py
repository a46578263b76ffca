"""Problems of an environment's settings: what is missing or can't work, one line each."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cloud.infra.environment import Environment, flow_environment, secret_keys
from cloud.infra.settings import Settings
from cloud.outputs import Outputs
from cloud.surroundings import local_traces
from services.errors import SettingsWrong
from services.settings import read_settings

# AWS's documentation writes accounts so; the last is that of emulators.
_EXAMPLE_ACCOUNTS = (
    "111122223333",
    "123456789012",
    "444455556666",
    "777788889999",
    "000000000000",
)
# Addresses for documentation, which nobody has: https://www.rfc-editor.org/rfc/rfc5737
_EXAMPLE_NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.")
_EXAMPLE = re.compile(
    "|".join(("example", *_EXAMPLE_ACCOUNTS, *map(re.escape, _EXAMPLE_NETWORKS))), re.IGNORECASE
)
_ARN_PARTS = 6


def explain_settings(settings: Settings) -> list[str]:
    """List what ``Pulumi.<stack>.yaml`` lacks, or still has of its examples."""
    return [
        *_examples(settings),
        *_unset(settings),
        *_refused(flow_environment(settings)),
    ]


def _examples(settings: Settings) -> Iterator[str]:
    for path, value in _leaves(settings.model_dump(mode="json")):
        if isinstance(value, str) and _EXAMPLE.search(value):
            yield f"{path} is still an example: {value}"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _leaves(one, f"{path}.{number}")
    else:
        yield path, value


def note_network(settings: Settings) -> list[str]:
    """Remind of the network's id, which nobody knows before a first run has read a page.

    No problem: what keeps that run from reading has to be mended by another deploy.
    """
    if not settings.stack.is_protected or settings.canton.network:
        return []
    return [
        (
            "canton.network is unset: put in the id that the first run tells,"
            " so that another network is refused"
        )
    ]


def _unset(settings: Settings) -> Iterator[str]:
    snowflake = settings.snowflake
    if snowflake.pipeline_public_key is None:
        yield "snowflake.pipeline_public_key is unset: flows can't log in"
    if snowflake.migration_public_key is None:
        yield "snowflake.migration_public_key is unset: nobody can make the tables"


def _refused(environment: Environment) -> Iterator[str]:
    """Yield the settings that the flows would refuse or that point to this machine."""
    yield from local_traces(environment.values)
    secrets = dict.fromkeys(environment.secrets, "kept in Secrets Manager")
    try:
        read_settings({**environment.values, **secrets})
    except SettingsWrong as error:
        yield from str(error).splitlines()


def explain_services(settings: Settings) -> list[str]:
    """Explain why no service runs; return an empty list if services have an image."""
    if settings.tasks.image_digest is not None:
        return []
    push = f"./pipeline deploy --env {settings.stack_name} pushes an image and tells its digest"
    return [f"tasks.image_digest is unset, so no service runs: {push}"]


def explain_outputs(settings: Settings, outputs: Outputs) -> list[str]:
    """List outputs that are missing, of another account, or unlike the settings."""
    stack = settings.stack
    missing = [key for key in secret_keys(settings) if key not in outputs.secret_arns]
    host = f"{stack.account_id}.dkr.ecr.{stack.region}.amazonaws.com/"
    return [
        *(f"secret {key} is not in the outputs: pulumi up makes it" for key in missing),
        *(
            f"{path} is of another account or region: {value}"
            for path, value in _leaves(outputs.model_dump(mode="json"))
            if _is_foreign(str(value), stack.account_id, stack.region)
        ),
        *(
            [f"image_repository is no registry of this account: {outputs.image_repository}"]
            if not outputs.image_repository.startswith(host)
            else []
        ),
        *_unequal(settings, outputs),
    ]


def _unequal(settings: Settings, outputs: Outputs) -> Iterator[str]:
    """Yield outputs that differ from the settings, which are newer then."""
    url = flow_environment(settings).values["PREFECT_API_URL"]
    pairs: Mapping[str, tuple[str, str]] = {
        "prefect_api_url": (outputs.prefect_api_url, url),
        "landing_bucket": (outputs.landing_bucket, settings.landing.bucket),
    }
    for name, (there, expected) in pairs.items():
        if there != expected:
            yield f"{name} is {there}, but the settings say {expected}: is pulumi up due?"


def _is_foreign(value: str, account_id: str, region: str) -> bool:
    parts = value.split(":", _ARN_PARTS - 1)
    if parts[0] != "arn" or len(parts) < _ARN_PARTS:
        return False
    return parts[4] not in {"", account_id} or parts[3] not in {"", region}
