"""The settings of an image build from this machine: package index, certificates, proxy."""

import ast
import sys
from collections.abc import Mapping

from local.console.programs import output_of
from local.console.variables import either_case

_PATIENCE_SECONDS = 60


def build_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Build arguments of docker/Dockerfile, and the file of its secret `ca`; empty: none.

    The machine's own CA certificates, `CA_FILE`, are for the build alone.
    """
    pip = _pip_settings()
    return {
        "BASE_IMAGE": environment.get("BASE_IMAGE") or "canton-base:trixie",
        "PIP_INDEX_URL": environment.get("PIP_INDEX_URL") or pip.get("index-url", ""),
        "CA_FILE": (
            environment.get("PIP_CERT") or environment.get("SSL_CERT_FILE") or pip.get("cert", "")
        ),
        "HTTP_PROXY": either_case("HTTP_PROXY", environment) or pip.get("proxy", ""),
        "HTTPS_PROXY": either_case("HTTPS_PROXY", environment) or pip.get("proxy", ""),
        "NO_PROXY": either_case("NO_PROXY", environment),
    }


def _pip_settings() -> dict[str, str]:
    """Return the settings in pip's files for all of its commands; its variables are read above."""
    command = (sys.executable, "-m", "pip", "config", "list")
    listed = output_of(*command, patience_seconds=_PATIENCE_SECONDS)
    settings = (line.partition("=") for line in listed.splitlines())
    return {
        name.removeprefix("global."): ast.literal_eval(value)
        for name, _, value in settings
        if name.startswith("global.")
    }
