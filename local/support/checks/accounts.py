"""Settings of real accounts in sight, and what they have an effect on; never their values."""

import configparser
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values

from local.console.finding import Finding, warn, well
from local.stack.checks.here import Here

_REACH = "no effect on make run and make up, but on python flows/… and ./pipeline deploy"
_NAMED = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
          "AWS_WEB_IDENTITY_TOKEN_FILE", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING")  # fmt: skip
_ADDRESSES = ("PREFECT_API_URL", "SLACK_WEBHOOK_URL")
_OURS = {"", "local", "test"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_KEYS = ("SNOWFLAKE_PASSWORD", "SNOWFLAKE_PRIVATE_KEY", "SNOWFLAKE_TOKEN")


def check_accounts(here: Here) -> Iterator[Finding]:
    """Keys and addresses of somebody's account: in the shell, in `.env`, in profiles."""
    home = Path(here.environment.get("HOME") or Path.home())
    found = [
        *judged_shell(here.environment),
        *judged_file(Path.cwd() / ".env"),
        *judged_aws(here.environment, home),
        *judged_prefect(home / ".prefect" / "profiles.toml"),
    ]
    yield from found or [well("accounts", "no settings of a real account are in sight")]


def judged_shell(environment: Mapping[str, str]) -> Iterator[Finding]:
    if names := foreign(environment):
        result = f"{', '.join(names)} in this shell: {_REACH}"
        yield warn("accounts", result, f"unset {' '.join(names)}")


def judged_file(file: Path) -> Iterator[Finding]:
    """The clone's `.env`, which people read into a shell for `python flows/…`."""
    if not file.exists():
        return
    try:
        names = foreign({name: value or "" for name, value in dotenv_values(file).items()})
    except (OSError, UnicodeDecodeError) as error:
        yield warn("accounts", f"{file.name} can't be read ({error})", "mend or move it")
        return
    if names:
        result = (
            f"{file.name} here holds {', '.join(names)}: {_REACH}, once it is read into a shell"
        )
        yield warn("accounts", result, f"mv {file.name} ~/canton.env, or empty what stands there")


def judged_aws(environment: Mapping[str, str], home: Path) -> Iterator[Finding]:
    """The profile that boto3 would take, where it has keys of its own."""
    profile = environment.get("AWS_PROFILE") or "default"
    file = Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or home / ".aws" / "credentials")
    if "aws_access_key_id" in _section(file, profile):
        result = f"AWS's profile {profile} has keys in {file}: {_REACH}"
        yield warn("accounts", result, "export AWS_SHARED_CREDENTIALS_FILE=/dev/null")


def judged_prefect(file: Path) -> Iterator[Finding]:
    try:
        content: dict[str, Any] = tomllib.loads(file.read_text())
    except (OSError, ValueError):
        return
    name = str(content.get("active", ""))
    settings: dict[str, Any] = content.get("profiles", {}).get(name, {})
    if names := foreign({key: str(value) for key, value in settings.items()}):
        result = f"Prefect's profile {name} holds {', '.join(names)}: {_REACH}"
        yield warn("accounts", result, "prefect profile use ephemeral")


def foreign(environment: Mapping[str, str]) -> list[str]:
    """The names of settings that belong to an account, not to anything on this machine."""
    named = [name for name in _NAMED if environment.get(name, "") not in _OURS]
    addresses = {name: url for name in _ADDRESSES if (url := environment.get(name))}
    outside = [name for name, url in addresses.items() if urlsplit(url).hostname not in _LOOPBACK]
    is_real = environment.get("SNOWFLAKE_ACCOUNT", "") not in _OURS
    snowflake = [
        name
        for name, value in environment.items()
        if name.startswith("SNOWFLAKE_") and value and (is_real or name.startswith(_KEYS))
    ]
    return [*named, *outside, *sorted(snowflake)]


def _section(file: Path, profile: str) -> Mapping[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read(file)
    except (configparser.Error, OSError, UnicodeDecodeError):
        return {}
    return parser[profile] if parser.has_section(profile) else {}
