"""The AWS account that a deploy acts in: whose it is, its secrets, its registry's login."""

import base64
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cloud.deploy.registry import Login
from local.console.errors import CommandFailed

_PUT = "aws secretsmanager put-secret-value"
# Endpoints in a profile, an emulator's among them, are ignored.
_CONFIG = Config(
    ignore_configured_endpoint_urls=True,  # pyright: ignore[reportCallIssue] -- its stubs lack it
    connect_timeout=10,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 3},
)


@dataclass(frozen=True)
class Account:
    """An account and a region, by the keys that boto3 finds."""

    session: boto3.Session

    def explain_other(self, account_id: str) -> str:
        """Explain whose keys these are if not the given account's; return "" if they match."""
        with _explained("whose keys these are"):
            who = self._client("sts").get_caller_identity()
        if who["Account"] == account_id:
            return ""
        return f"the keys are of AWS account {who['Account']} ({who['Arn']}), not of {account_id}"

    def explain_secrets(self, arns: Mapping[str, str]) -> list[str]:
        """List the secrets that have no value, each with the reason; values are not read."""
        problems: list[str] = []
        for key, arn in arns.items():
            try:
                found = self._client("secretsmanager").describe_secret(SecretId=arn)
            except ClientError as error:
                problems.append(f"secret {key}: {error}")
                continue
            stages = found.get("VersionIdsToStages", {}).values()
            if not any("AWSCURRENT" in one for one in stages):
                problems.append(f"secret {key}: it has no value yet: {_PUT}")
        return problems

    def secret(self, arn: str) -> str:
        with _explained(f"secret {arn}"):
            return self._client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]

    def login(self) -> Login:
        """Return a login for the account's registry, valid for twelve hours."""
        with _explained("a login of the registry"):
            answer = self._client("ecr").get_authorization_token()
        token = answer["authorizationData"][0]["authorizationToken"]
        user, _, password = base64.b64decode(token).decode().partition(":")
        return Login(user, password)

    def _client(self, service: str) -> Any:
        return self.session.client(service, config=_CONFIG)  # pyright: ignore[reportCallIssue, reportArgumentType] -- any service


@contextmanager
def _explained(what: str) -> Generator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise CommandFailed(f"AWS doesn't tell {what}: {error}") from error
