"""The services of the place where a run failed: Prefect server, bucket and warehouse."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import boto3

from local.console.errors import CommandFailed
from local.console.masking import secrets_in
from local.console.prefect_api import PrefectApi, api_at
from local.embedded.attach import attach
from local.snapshots.objects import Bucket, bucket_of
from local.snapshots.state import is_stack
from local.stack.running import StackPlace, opened
from services.adapters.snowflake import Warehouse
from services.settings import read_snowflake
from services.wiring import open_warehouse

_NEEDED = ("s3", "snowflake", "prefect")


@dataclass(frozen=True)
class Origin:
    """The services of a place, and the secrets that lead to them."""

    name: str
    prefect: PrefectApi
    bucket: Bucket
    warehouse: Warehouse
    secrets: frozenset[str]


@contextmanager
def origin(environment: Mapping[str, str]) -> Generator[Origin]:
    """Yield the services that ENV names, else those of the stack or of `make run`'s state.

    Raises:
        CommandFailed: A setting is missing, or the place isn't there.
    """
    if name := environment.get("ENV"):
        yield _of_settings(name, environment)
        return
    with (opened if is_stack(environment) else attach)(environment, _NEEDED) as place:
        settings = place.settings()
        own = place.stack.values if isinstance(place, StackPlace) else {}
        yield Origin(
            "local",
            place.prefect(),
            bucket_of(settings),
            place.warehouse(),
            frozenset(secrets_in({**settings, **own})),
        )


def _of_settings(name: str, environment: Mapping[str, str]) -> Origin:
    url, bucket = environment.get("PREFECT_API_URL"), environment.get("LANDING_BUCKET")
    if not url or not bucket:
        missing = "LANDING_BUCKET" if url else "PREFECT_API_URL"
        raise CommandFailed(
            f"ENV={name} means the services that the environment names, but {missing} isn't set:"
            " docs/snapshots.md lists what is needed"
        )
    warehouse = open_warehouse(read_snowflake(environment))
    return Origin(
        name,
        api_at(url, environment),
        Bucket(boto3.client("s3"), bucket),
        warehouse,
        frozenset(secrets_in(os.environ)),
    )
