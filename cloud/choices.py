"""The options of `./pipeline plan`, `./pipeline deploy` and `./pipeline rollback`."""

from collections.abc import Mapping

from cloud.infra.settings import STACKS, InfraSettingsWrong, Settings, read_settings
from local.console.errors import CommandFailed

_LOCAL = {"local": "make up", "stack": "make up", "embedded": "make run"}


def asked_settings(command: str, environment: Mapping[str, str]) -> Settings:
    """The settings of the environment that ENV names.

    Raises:
        CommandFailed: None, or one that there isn't, or its settings are wrong.
    """
    name = environment.get("ENV")
    known = ", ".join(STACKS)
    if not name:
        raise CommandFailed(
            f"which environment? ./pipeline {command} --env prod (there are: {known})"
        )
    if name in _LOCAL:
        raise CommandFailed(f"ENV={name} is on this machine: {_LOCAL[name]} deploys it")
    if name not in STACKS:
        raise CommandFailed(f"ENV={name}: expected one of {known}")
    try:
        return read_settings(name)
    except InfraSettingsWrong as error:
        raise CommandFailed(str(error)) from None
