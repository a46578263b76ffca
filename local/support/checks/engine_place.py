"""Checks of the engine's machine and processor: either may differ from this one's."""

import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

from local.console.finding import Finding, warn, well
from local.stack.checks.here import Here
from local.stack.engine import address, docker
from local.stack.settings import SOCKET

# What the engine, Python and images call the same processor.
_SAME = {"x86_64": "amd64", "aarch64": "arm64", "armv8l": "arm64"}


def check_socket(here: Here) -> Iterator[Finding]:
    """Check where Docker's client looks for the engine: its context, or DOCKER_HOST."""
    if here.engine is None:
        return
    yield judged_socket(address(), here.environment, is_there=Path(SOCKET).exists())


def judged_socket(address: str, environment: Mapping[str, str], *, is_there: bool) -> Finding:
    """Check that the engine at an address has this clone's folders, and that we have its ports."""
    undo = "unset DOCKER_HOST" if environment.get("DOCKER_HOST") else "docker context use default"
    if not address.startswith(("unix://", "npipe://")):
        result = (
            f"the engine at {address} may be another machine's: folders and ports are there then"
        )
        return warn("socket", result, f"{undo} takes this machine's")
    if address.removeprefix("unix://") != SOCKET and not is_there:
        result = f"the engine listens at {address}, and the stack's gate looks for it at {SOCKET}"
        return warn("socket", result, f"sudo ln -s {address[7:]} {SOCKET}")
    return well("socket", address)


def check_architecture(here: Here) -> Iterator[Finding]:
    """Images of another processor run emulated, and slowly."""
    if here.engine is None:
        return
    engine = same(here.engine.architecture)
    yield judged_platform(same(platform.machine()), engine, here.environment)
    images = here.of_this_stack("image")
    base = docker("image", "ls", "--quiet", here.stack.values["BASE_IMAGE"]).split()
    if not (image_ids := sorted({*images, *base})):
        return
    form = "{{.Architecture}}\t{{if .RepoTags}}{{index .RepoTags 0}}{{else}}{{.Id}}{{end}}"
    output = docker("image", "inspect", "--format", form, *image_ids)
    yield from judged_images([tuple(line.split("\t")) for line in output.splitlines()], engine)


def judged_platform(machine: str, engine: str, environment: Mapping[str, str]) -> Finding:
    requested = same(environment.get("DOCKER_DEFAULT_PLATFORM", "").rpartition("/")[2])
    if requested and requested != engine:
        result = (
            f"DOCKER_DEFAULT_PLATFORM asks for {requested}, the engine runs {engine}:"
            " emulated, slow"
        )
        return warn("architecture", result, "unset DOCKER_DEFAULT_PLATFORM")
    if machine != engine:
        result = f"Python here is {machine}, the engine {engine}: one of both may be emulated, slow"
        return warn("architecture", result, f"install {engine}'s Python, or that Docker")
    return well("architecture", engine)


def judged_images(images: list[tuple[str, ...]], engine: str) -> Iterator[Finding]:
    """Images, `(architecture, name)`, that aren't of the engine's kind."""
    if names := sorted(name for kind, name in images if same(kind) != engine):
        result = f"not for {engine}, and so run emulated and slowly: {', '.join(names)}"
        type_this = f"docker image rm {' '.join(names)}; make up makes them anew"
        yield warn("architecture", result, type_this)


def same(kind: str) -> str:
    """A processor's name as images spell it."""
    return _SAME.get(kind.lower(), kind.lower())
