"""Builds the pipeline's image for ECS and pushes it, by Docker's own command."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloud.deploy.registry import Registry
from local.console.build_settings import build_settings
from local.console.errors import CommandFailed

PLATFORM = "linux/amd64"  # the runtimePlatform of cloud/pools/ecs.py
TARGET = "pipeline"
_MOST_LINES = 15
_ARGUMENTS = ("BASE_IMAGE", "PIP_INDEX_URL", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
# Attestations would make each push an index of two manifests, with the build's arguments in one.
_BUILDKIT = {"DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


@dataclass(frozen=True)
class Order:
    """An image that the registry should have.

    Args:
        tag: What it is called there; tags never move.
    """

    commit: str
    tag: str
    environment: Mapping[str, str]


def ensure_image(registry: Registry, order: Order, report: Callable[[str], None]) -> str:
    """The digest of the image in the registry, built and pushed where it isn't there yet.

    Raises:
        CommandFailed: Docker or the registry failed.
    """
    if found := registry.digest(order.tag):
        report(f"the image {order.tag} is in the registry")
        return found
    reference = f"{registry.repository}:{order.tag}"
    report("building the image… (minutes the first time, seconds later)")
    build(reference, order)
    report("pushing it…")
    push(registry, reference)
    pushed = registry.digest(order.tag)
    if pushed is None:
        raise CommandFailed(f"{registry.host} took {reference}, and doesn't have it")
    return pushed


def build(reference: str, order: Order) -> None:
    """Build the image as the stack's own is built, for the platform of ECS."""
    settings = build_settings(order.environment)
    _run("tools/base-image", settings["BASE_IMAGE"], more={"DOCKER_DEFAULT_PLATFORM": PLATFORM})
    build_arguments = [
        f"--build-arg={name}={settings[name]}" for name in _ARGUMENTS if settings[name]
    ]
    lower = [
        f"--build-arg={name.lower()}={settings[name]}"  # apt reads this one
        for name in _ARGUMENTS
        if name.endswith("_PROXY") and settings[name]
    ]
    secret = [f"--secret=id=ca,src={settings['CA_FILE']}"] if settings["CA_FILE"] else []
    _run(
        "docker", "build", "--quiet", "--file=docker/Dockerfile", f"--target={TARGET}",
        f"--platform={PLATFORM}", "--network=host", *build_arguments, *lower, *secret,
        f"--label=org.opencontainers.image.revision={order.commit}", f"--tag={reference}", ".",
        more=_BUILDKIT,
    )  # fmt: skip
    built = _run("docker", "image", "inspect", "--format={{.Os}}/{{.Architecture}}", reference)
    if built.strip() != PLATFORM:
        raise CommandFailed(
            f"the image is for {built.strip()}, and ECS runs {PLATFORM}: name a base image of that"
            " platform, --base-image docker.io/library/python:3.13-slim-trixie"
        )


def push(registry: Registry, reference: str) -> None:
    """Push an image, logged in for this alone: the login is forgotten afterwards."""
    host = _run("docker", "context", "inspect", "--format={{.Endpoints.docker.Host}}").strip()
    own = {"DOCKER_HOST": host}  # the engine that the person's own folder of logins leads to
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text("{}")
        if registry.login:
            _run(
                "docker", "--config", folder, "login", f"--username={registry.login.user}",
                "--password-stdin", registry.host, more=own, typed=registry.login.password,
            )  # fmt: skip
        _run("docker", "--config", folder, "push", "--quiet", reference, more=own)


def _run(*command: str, more: Mapping[str, str] | None = None, typed: str = "") -> str:
    """Run a command and return its standard output.

    Raises:
        CommandFailed: It isn't there, or fails; its last lines are the message.
    """
    try:
        done = subprocess.run(
            command, env={**os.environ, **(more or {})}, input=typed,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise CommandFailed(f"there is no {command[0]} here, and images are built by it") from None
    if done.returncode:
        words = [word for word in command[1:] if not word.startswith("-")]
        lines = done.stderr.strip().splitlines()[-_MOST_LINES:]
        raise CommandFailed("\n".join([f"{command[0]} {' '.join(words[:1])} failed:", *lines]))
    return done.stdout
