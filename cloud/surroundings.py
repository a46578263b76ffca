"""Checks by its variables whether an environment is this machine's or the cloud's."""

import re
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from local.console.local_settings import BUCKET

_KEY_OF_AWS = re.compile(r"A[KS]IA[A-Z0-9]{16}")
_URLS = ("CANTON_BASE_URL", "PREFECT_API_URL", "PREFECT_UI_URL", "SLACK_WEBHOOK_URL")


def local_traces(environment: Mapping[str, str]) -> list[str]:
    """List variables that point to this machine or an emulator, and why; no secret is shown."""
    return [
        f"{name} {reason}"
        for name, value in sorted(environment.items())
        if value and (reason := _explain(name, value))
    ]


def _explain(name: str, value: str) -> str:
    if name.startswith("AWS_ENDPOINT_URL"):
        return f"({_shown(value)}) sends calls for AWS elsewhere: an emulator's"
    if name in _URLS:
        hosts = [one for one in _hosts(value) if is_local_host(one)]
        return f"names {hosts[0]}, which only this machine knows" if hosts else ""
    return _EXPLAIN[name](value) if name in _EXPLAIN else ""


def _explain_key(value: str) -> str:
    return "" if _KEY_OF_AWS.fullmatch(value) else "is no key of AWS's: an emulator's"


def _explain_snowflake(value: str) -> str:
    is_own = value.removesuffix(".cn").endswith(".snowflakecomputing.com")
    return "" if is_own else f"({value}) is no host of Snowflake's"


def _explain_bucket(value: str) -> str:
    return "is the local bucket" if value == BUCKET else ""


def _explain_account(value: str) -> str:
    return "is the local Snowflake's" if value == "local" else ""


def _explain_protocol(value: str) -> str:
    return "" if value == "https" else f"is {value}, not https"


_EXPLAIN: Mapping[str, Callable[[str], str]] = {
    "AWS_ACCESS_KEY_ID": _explain_key,
    "LANDING_BUCKET": _explain_bucket,
    "SNOWFLAKE_ACCOUNT": _explain_account,
    "SNOWFLAKE_HOST": _explain_snowflake,
    "SNOWFLAKE_PROTOCOL": _explain_protocol,
}


def _hosts(urls: str) -> Iterator[str]:
    for url in urls.split(","):
        yield urlsplit(url.strip()).hostname or ""


def is_local_host(host: str) -> bool:
    """Tell whether a host is known only on this machine or in its containers' network."""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _shown(url: str) -> str:
    """A URL without what may be a secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" if parts.hostname else "no URL"
