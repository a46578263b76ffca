"""Checks by its variables whether an environment is this machine's or the cloud's."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from local.console.local_settings import BUCKET

_KEY_OF_AWS = re.compile(r"A[KS]IA[A-Z0-9]{16}")
_HOST_OF_SNOWFLAKE = re.compile(r"\.snowflakecomputing\.com(\.cn)?$")
_URLS = ("CANTON_BASE_URL", "PREFECT_API_URL", "PREFECT_UI_URL", "SLACK_WEBHOOK_URL")


def local_traces(environment: Mapping[str, str]) -> list[str]:
    """List variables that point to this machine or an emulator, and why; no secret is shown."""
    return [
        f"{name} {reason}"
        for name, value in sorted(environment.items())
        if value and (reason := _explain(name, value))
    ]


def _explain(name: str, value: str) -> str:
    reason = ""
    match name:
        case "AWS_ACCESS_KEY_ID" if not _KEY_OF_AWS.fullmatch(value):
            reason = "is no key of AWS's: an emulator's"
        case "LANDING_BUCKET" if value == BUCKET:
            reason = "is the local bucket"
        case "SNOWFLAKE_ACCOUNT" if value == "local":
            reason = "is the local Snowflake's"
        case "SNOWFLAKE_HOST" if not _HOST_OF_SNOWFLAKE.search(value):
            reason = f"({value}) is no host of Snowflake's"
        case "SNOWFLAKE_PROTOCOL" if value != "https":
            reason = f"is {value}, not https"
        case _ if name.startswith("AWS_ENDPOINT_URL"):
            parts = urlsplit(value)  # without what may be a secret in it
            shown = f"{parts.scheme}://{parts.hostname}" if parts.hostname else "no URL"
            reason = f"({shown}) sends calls for AWS elsewhere: an emulator's"
        case _ if name in _URLS:
            hosts = [urlsplit(url.strip()).hostname or "" for url in value.split(",")]
            local = next((host for host in hosts if is_local_host(host)), None)
            reason = f"names {local}, which only this machine knows" if local is not None else ""
        case _:
            pass
    return reason


def is_local_host(host: str) -> bool:
    """Tell whether a host is known only on this machine or in its containers' network."""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified
