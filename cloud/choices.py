"""The options of `./pipeline plan`, `./pipeline deploy` and `./pipeline rollback`."""

from collections.abc import Mapping

from cloud.infra.settings import STACKS, InfraSettingsWrong, Settings, read_settings
from local.console.errors import CommandFailed

_LOCAL = {"local": "make up", "stack": "make up", "embedded": "make run"}


def selected_settings(command: str, environment: Mapping[str, str]) -> Settings:
    """The settings of the environment that ENV names.

    Raises:
        CommandFailed: ENV is missing or unknown, or the environment's settings are wrong.
    """
    name = environment.get("ENV")
    names = ", ".join(STACKS)
    if not name:
        raise CommandFailed(
            f"which environment? ./pipeline {command} --env prod (there are: {names})"
        )
    if name in _LOCAL:
        raise CommandFailed(f"ENV={name} is on this machine: {_LOCAL[name]} deploys it")
    if name not in STACKS:
        raise CommandFailed(f"ENV={name}: expected one of {names}")
    try:
        return read_settings(name)
    except InfraSettingsWrong as error:
        raise CommandFailed(str(error)) from None
