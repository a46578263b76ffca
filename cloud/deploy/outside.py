"""Everything outside this working copy that a deploy reaches; tests put others in its place."""

import os
import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

import boto3

from cloud.deploy.account import Account
from cloud.deploy.docker import Order, ensure_image
from cloud.deploy.registry import Registry
from cloud.infra.environment import SLACK_SECRET, client_environment
from cloud.infra.settings import Settings
from cloud.outputs import Outputs
from deployments.server import Client, opened
from local.console.errors import CommandFailed
from local.console.prefect_api import PrefectApi, api_at


@dataclass(frozen=True)
class Outside:
    """The outside world of one environment.

    Args:
        push: Makes sure that an image is in the registry; its digest.
        server: Opens Prefect's server at an address with its secrets, by variable.
        check: Raises `CommandFailed` where the code isn't well.
    """

    environment: Mapping[str, str]
    account: Account
    registry: Callable[[Outputs], Registry]
    push: Callable[[Registry, Order, Callable[[str], None]], str]
    server: Callable[[str, Mapping[str, str]], AbstractContextManager[Client]]
    api: Callable[[str, Mapping[str, str]], PrefectApi]
    check: Callable[[], None]
    now: Callable[[], datetime]

    def prefect(self, settings: Settings, outputs: Outputs) -> AbstractContextManager[Client]:
        return self.server(outputs.prefect_api_url, self._secrets(settings, outputs))

    def prefect_api(self, settings: Settings, outputs: Outputs) -> PrefectApi:
        """The same server, without Prefect's own client."""
        return self.api(outputs.prefect_api_url, self._secrets(settings, outputs))

    def _secrets(self, settings: Settings, outputs: Outputs) -> dict[str, str]:
        return {
            name: self.account.secret(outputs.secret_arns[key])
            for name, key in client_environment(settings).secrets.items()
        }

    def slack_url(self, outputs: Outputs) -> str:
        return self.account.secret(outputs.secret_arns[SLACK_SECRET])


def real(settings: Settings, environment: Mapping[str, str]) -> Outside:
    account = Account(boto3.Session(region_name=settings.stack.region))
    return Outside(
        environment=environment,
        account=account,
        registry=lambda outputs: Registry(outputs.image_repository, account.login()),
        push=ensure_image,
        server=opened,
        api=api_at,
        check=make_check,
        now=lambda: datetime.now(UTC),
    )


def make_check() -> None:
    """Raise `CommandFailed` where `make check` fails."""
    print("make check… (a minute or two)", flush=True)
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", "check"], env=own, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise CommandFailed(f"refused, nothing was changed: make check fails:\n{lines}")
