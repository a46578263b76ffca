"""Proxies and certificates that are named in one place and forgotten in another."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from local.console.finding import Finding, warn, well
from local.console.variables import either_case
from local.stack.checks.here import Here

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY")
_LOOPBACK = ("127.0.0.1", "localhost")
_CERTIFICATES = (
    "SSL_CERT_FILE",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)


def check_proxy(here: Here) -> Iterator[Finding]:
    """Proxies that only half of what runs here would use, or that loopback would go through."""
    named = [name for name in _PROXIES if either_case(name, here.environment)]
    found = list(judged_proxies(here.environment))
    is_pulled = "/" in here.stack.values["BASE_IMAGE"]
    if here.engine and is_pulled and named and not here.engine.proxy:
        result = "a proxy is set here, but not for Docker's engine, which pulls the base image"
        type_this = "sudo systemctl edit docker: Environment=HTTPS_PROXY=…"
        found.append(warn("proxy", result, type_this))
    yield from found or [well("proxy", ", ".join(named) or "none")]


def judged_proxies(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield problems of the proxy variables, without their values, which may hold passwords."""
    for name in (*_PROXIES, "NO_PROXY"):
        upper, lower = environment.get(name), environment.get(name.lower())
        if upper and lower and upper != lower:
            result = f"{name} and {name.lower()} differ, and each program reads another one"
            yield warn("proxy", result, f'export {name.lower()}="${name}"')
    named = [name for name in _PROXIES if either_case(name, environment)]
    if len(named) == 1:
        (other,) = set(_PROXIES) - set(named)
        result = f"{named[0]} is set and {other} isn't: half of what is asked goes without it"
        yield warn("proxy", result, f'export {other}="${named[0]}"')
    for name in named:
        if not urlsplit(either_case(name, environment)).hostname:
            result = f"{name} is no URL"
            yield warn("proxy", result, f"export {name}=http://host:port")
    direct = either_case("NO_PROXY", environment)
    if named and "*" not in direct and not set(_LOOPBACK) <= {*direct.split(",")}:
        result = "NO_PROXY leaves loopback out: python flows/… and curl ask the proxy for 127.0.0.1"
        names = ",".join(filter(None, ("$NO_PROXY", *_LOOPBACK)))
        yield warn("proxy", result, f'export NO_PROXY="{names}" no_proxy="{names}"')


def check_certificates(here: Here) -> Iterator[Finding]:
    """Files of certificates that are named, and can't be used."""
    named = {name: file for name in _CERTIFICATES if (file := here.environment.get(name))}
    wrong = {name: why for name, file in named.items() if (why := _unusable(Path(file)))}
    for name, why in wrong.items():
        yield warn("certificates", f"{name}={named[name]} {why}", f"unset {name}")
    if not wrong:
        yield well("certificates", ", ".join(named) or "no file is named")


def _unusable(file: Path) -> str:
    if not file.exists():
        return "isn't there"
    if not os.access(file, os.R_OK):
        return "can't be read"
    if file.is_file() and b"-----BEGIN" not in file.read_bytes():
        return "holds no certificate"
    return ""
