"""Checks for leftovers in Docker: of clones that are gone, and of older versions of this stack."""

import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import yaml

from local.console.finding import Finding, well
from local.stack.checks.here import Here
from local.stack.compose import FLOW_RUN
from local.stack.engine import FOLDER, PROJECT, address, docker
from local.stack.settings import project_of

_OURS = re.compile(r"canton-[0-9a-f]{6}")
_SERVICE = "com.docker.compose.service"
_VOLUME = "com.docker.compose.volume"
_CONTAINER = Path("/.dockerenv")
_RUNNING = {"running", "restarting", "paused"}


@dataclass
class Left:
    """The Docker objects of one clone's stack; only its containers tell its folder."""

    project: str
    folder: str = ""
    running: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)

    @property
    def told(self) -> str:
        """The counts, by kind, of what can be removed without losing data."""
        return _counted(
            {"containers": self.ended, "networks": self.networks, "images": self.images}
        )

    @property
    def all_told(self) -> str:
        """The counts by kind, including volumes and running containers."""
        kinds = {"running containers": self.running, "volumes": self.volumes}
        return ", ".join(filter(None, (_counted(kinds), self.told)))


def _counted(kinds: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"{len(held)} {kind}" for kind, held in kinds.items() if held)


def check_stacks(here: Here) -> Iterator[Finding]:
    """Containers, networks, images and volumes that no clone needs any more."""
    if here.engine is None:
        return
    held = everything()
    own = here.stack.project
    found = [*_outdated(own)]
    if sees_folders(Path(here.engine.folder)):
        known = {own, *neighbours(Path.cwd())}
        is_own = is_this_machines(address(), here.engine.system, platform.release())
        found += [
            one for _, left in sorted(held.items()) for one in judged(left, known, is_own=is_own)
        ]
    others = len(held.keys() - {own})
    yield from found or [well("old stacks", f"nothing is left of any; {others} of other clones")]


def sees_folders(of_engine: Path) -> bool:
    """Tell whether the machine's folders are visible here; inside a container they may not be."""
    return not _CONTAINER.exists() or of_engine.exists()


def is_this_machines(address: str, system: str, kernel: str) -> bool:
    """Tell whether the engine sees the folders of this machine only.

    Docker Desktop has those of every WSL distribution, and one doesn't see another's.
    """
    is_shared = "Docker Desktop" in system and "microsoft" in kernel.lower()
    return address.startswith("unix://") and not is_shared


def everything() -> dict[str, Left]:
    """Return the Docker objects of each clone's stack, by project."""
    held: dict[str, Left] = {}
    for project, folder, state, name in _listed(
        ("ps", "--all"), PROJECT, f'{{{{.Label "{FOLDER}"}}}}\t{{{{.State}}}}\t{{{{.Names}}}}'
    ):
        left = held.setdefault(project, Left(project))
        left.folder = left.folder or folder
        (left.running if state in _RUNNING else left.ended).append(name)
    for project, name in _listed(("volume", "ls"), PROJECT, "{{.Name}}"):
        held.setdefault(project, Left(project)).volumes.append(name)
    for project, name in _listed(("network", "ls"), PROJECT, "{{.Name}}"):
        held.setdefault(project, Left(project)).networks.append(name)
    for name in docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split():
        project, slash, _ = name.partition("/")
        if slash and _OURS.fullmatch(project):
            held.setdefault(project, Left(project)).images.append(name)
    return held


def neighbours(root: Path) -> set[str]:
    """The projects of the folders beside a clone, which may well be clones that are down."""
    return {project_of(one.resolve()) for one in root.parent.iterdir() if one.is_dir()}


def judged(left: Left, known: set[str], *, is_own: bool) -> Iterator[Finding]:
    """Report the leftovers of another clone's stack, if that clone isn't there.

    Args:
        left: What Docker holds of it.
        known: Projects of clones that are there.
        is_own: Whether the engine has folders of this machine alone.
    """
    if left.project in known or (left.folder and Path(left.folder).exists()):
        return
    if left.folder and is_own and Path(left.folder).parent.exists():
        yield from _gone(left)
    elif left.folder:
        whose = f"{left.project} of {left.folder}, which can't be seen from here"
        yield _told(left, f"{whose}: gone, another machine's, or on a disk that isn't mounted")
    elif left.volumes or left.images:
        yield _told(left, f"{left.project}, a clone that is down, or gone")


def _told(left: Left, whose: str) -> Finding:
    type_this = f"there, make reset AT=stack; if it is gone: {_removal(left)}"
    return Finding("old stacks", "warn", f"{left.all_told} of {whose}", type_this)


def _gone(left: Left) -> Iterator[Finding]:
    whose = f"{left.project} of {left.folder}, which is gone"
    if left.running:
        say = f"{len(left.running)} containers of {whose}, still run"
        type_this = f"docker rm --force {' '.join(left.running)}"
        yield Finding("old stacks", "warn", say, type_this)
    elif left.told:
        fix = partial(_remove, left)
        yield Finding("old stacks", "warn", f"{left.told} of {whose}", "make doctor FIX=1", fix)
    if left.volumes:
        say = f"{len(left.volumes)} volumes, with data, of {whose}"
        type_this = f"docker volume rm {' '.join(left.volumes)} deletes it"
        yield Finding("old stacks", "warn", say, type_this)


def _removal(left: Left) -> str:
    volumes = f"$(docker volume ls -q --filter label={PROJECT}={left.project})"
    containers = [*left.running, *left.ended]
    commands = {
        f"docker rm --force {' '.join(containers)}": containers,
        f"docker network rm {' '.join(left.networks)}": left.networks,
        f"docker volume rm {volumes}": left.volumes,
        f"docker image rm {' '.join(left.images)}": left.images,
    }
    return "; ".join(command for command, held in commands.items() if held)


def _remove(left: Left) -> str:
    """Remove what has ended, networks and images; Docker refuses what is in use."""
    kinds = {"container": left.ended, "network": left.networks, "image": left.images}
    for kind, held in kinds.items():
        if held:
            docker(kind, "rm", *held)
    return f"removed {left.told} of {left.project}"


def _outdated(project: str) -> Iterator[Finding]:
    """Report containers and volumes that this clone's docker-compose.yml doesn't declare."""
    declared = yaml.safe_load(Path("docker-compose.yml").read_text())
    services, volumes = {*declared["services"], FLOW_RUN}, set(declared["volumes"])
    old = _not_in(services, ("ps", "--all"), _SERVICE, "{{.Names}}", project)
    if old:
        say = f"{', '.join(old)} of an older version of this stack"
        yield Finding("old stacks", "warn", say, "make down, then make up")
    if kept := _not_in(volumes, ("volume", "ls"), _VOLUME, "{{.Name}}", project):
        say = f"{', '.join(kept)}: of an older version of this stack, with its data"
        yield Finding("old stacks", "warn", say, f"docker volume rm {' '.join(kept)} deletes it")


def _not_in(
    names: set[str], what: tuple[str, ...], label: str, form: str, project: str
) -> list[str]:
    chosen = f"label={PROJECT}={project}"
    said = docker(*what, "--filter", chosen, "--format", f'{{{{.Label "{label}"}}}}\t{form}')
    rows = [line.split("\t") for line in said.splitlines()]
    return sorted(name for known, name in rows if known not in names)


def _listed(what: tuple[str, ...], label: str, form: str) -> Iterator[list[str]]:
    """Lines of a list, each beginning with the project that it is of."""
    shown = f'{{{{.Label "{label}"}}}}\t{form}'
    for line in docker(*what, "--filter", f"label={label}", "--format", shown).splitlines():
        if _OURS.fullmatch((cells := line.split("\t"))[0]):
            yield cells
