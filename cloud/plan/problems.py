"""Problems of an environment's settings: what is missing or can't work, one line each."""

import re
from collections.abc import Iterator
from typing import Any

from cloud.infra.environment import flow_environment, secret_keys
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
    """List what ``Pulumi.<stack>.yaml`` lacks, or still has of its examples, or flows refuse."""
    problems = [
        f"{path} is still an example: {value}"
        for path, value in _leaves(settings.model_dump(mode="json"))
        if isinstance(value, str) and _EXAMPLE.search(value)
    ]
    if settings.snowflake.pipeline_public_key is None:
        problems.append("snowflake.pipeline_public_key is unset: flows can't log in")
    if settings.snowflake.migration_public_key is None:
        problems.append("snowflake.migration_public_key is unset: nobody can make the tables")
    environment = flow_environment(settings)
    problems += local_traces(environment.values)
    secrets = dict.fromkeys(environment.secrets, "kept in Secrets Manager")
    try:
        read_settings({**environment.values, **secrets})
    except SettingsWrong as error:
        problems += str(error).splitlines()
    return problems


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


def explain_services(settings: Settings) -> list[str]:
    """Explain why no service runs; return an empty list if services have an image."""
    if settings.tasks.image_digest is not None:
        return []
    push = f"./pipeline deploy --env {settings.stack_name} pushes an image and tells its digest"
    return [f"tasks.image_digest is unset, so no service runs: {push}"]


def explain_outputs(settings: Settings, outputs: Outputs) -> list[str]:
    """List outputs that are missing, of another account, or unlike the settings."""
    stack = settings.stack
    problems = [
        f"secret {key} is not in the outputs: pulumi up makes it"
        for key in secret_keys(settings)
        if key not in outputs.secret_arns
    ]
    for path, value in _leaves(outputs.model_dump(mode="json")):
        arn = str(value).split(":", _ARN_PARTS - 1)
        if arn[0] == "arn" and len(arn) == _ARN_PARTS:
            _, _, _, region, account_id, _ = arn
            if account_id not in {"", stack.account_id} or region not in {"", stack.region}:
                problems.append(f"{path} is of another account or region: {value}")
    if not outputs.image_repository.startswith(
        f"{stack.account_id}.dkr.ecr.{stack.region}.amazonaws.com/"
    ):
        other = outputs.image_repository
        problems.append(f"image_repository is no registry of this account: {other}")
    url = flow_environment(settings).values["PREFECT_API_URL"]
    for name, there, expected in (
        ("prefect_api_url", outputs.prefect_api_url, url),
        ("landing_bucket", outputs.landing_bucket, settings.landing.bucket),
    ):
        if there != expected:  # the settings are newer then
            problems.append(
                f"{name} is {there}, but the settings say {expected}: is pulumi up due?"
            )
    return problems
