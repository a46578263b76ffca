"""Checks for leftovers in Docker: of clones that are gone, and of older versions of this stack."""

import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import yaml

from local.console.finding import Finding, warn, well
from local.stack.checks.here import Here
from local.stack.compose import FLOW_RUN
from local.stack.engine import FOLDER, PROJECT, SERVICE, address, docker
from local.stack.settings import project_of

_OURS = re.compile(r"canton-[0-9a-f]{6}")
_VOLUME = "com.docker.compose.volume"
_CONTAINER = Path("/.dockerenv")
_RUNNING = {"running", "restarting", "paused"}


@dataclass
class Left:
    """The Docker objects of one clone's stack; only its containers have its folder."""

    project: str
    folder: str = ""
    running: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    volumes: list[str] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)

    @property
    def removable_counts(self) -> str:
        """The counts, by kind, of what can be removed without losing data."""
        return _counted(
            {"containers": self.ended, "networks": self.networks, "images": self.images}
        )

    @property
    def all_counts(self) -> str:
        """The counts by kind, including volumes and running containers."""
        kinds = {"running containers": self.running, "volumes": self.volumes}
        return ", ".join(filter(None, (_counted(kinds), self.removable_counts)))


def _counted(kinds: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"{len(names)} {kind}" for kind, names in kinds.items() if names)


def check_stacks(here: Here) -> Iterator[Finding]:
    """Containers, networks, images and volumes that no clone needs any more."""
    if here.engine is None:
        return
    stacks = everything()
    own = here.stack.project
    found = [*_outdated(own)]
    # Inside a container, the folders of the machine may not be here.
    if not _CONTAINER.exists() or Path(here.engine.folder).exists():
        projects = {own, *neighbours(Path.cwd())}
        is_own = is_this_machines(address(), here.engine.system, platform.release())
        found += [
            one
            for _, left in sorted(stacks.items())
            for one in judged(left, projects, is_own=is_own)
        ]
    others = len(stacks.keys() - {own})
    yield from found or [well("old stacks", f"nothing is left of any; {others} of other clones")]


def is_this_machines(address: str, system: str, kernel: str) -> bool:
    """Tell whether the engine sees the folders of this machine only.

    Docker Desktop has those of every WSL distribution, and one doesn't see another's.
    """
    is_shared = "Docker Desktop" in system and "microsoft" in kernel.lower()
    return address.startswith("unix://") and not is_shared


def everything() -> dict[str, Left]:
    """Return the Docker objects of each clone's stack, by project."""
    stacks: dict[str, Left] = {}
    for project, folder, state, name in _listed(
        ("ps", "--all"), PROJECT, f'{{{{.Label "{FOLDER}"}}}}\t{{{{.State}}}}\t{{{{.Names}}}}'
    ):
        left = stacks.setdefault(project, Left(project))
        left.folder = left.folder or folder
        (left.running if state in _RUNNING else left.ended).append(name)
    for kind in ("volume", "network"):
        for project, name in _listed((kind, "ls"), PROJECT, "{{.Name}}"):
            getattr(stacks.setdefault(project, Left(project)), f"{kind}s").append(name)
    for name in docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split():
        project, slash, _ = name.partition("/")
        if slash and _OURS.fullmatch(project):
            stacks.setdefault(project, Left(project)).images.append(name)
    return stacks


def neighbours(root: Path) -> set[str]:
    """The projects of the folders beside a clone, which may well be clones that are down."""
    return {project_of(one.resolve()) for one in root.parent.iterdir() if one.is_dir()}


def judged(left: Left, projects: set[str], *, is_own: bool) -> Iterator[Finding]:
    """Report the leftovers of another clone's stack, if that clone isn't there.

    Args:
        is_own: True if the engine has folders of this machine alone.
    """
    if left.project in projects or (left.folder and Path(left.folder).exists()):
        return
    if left.folder and is_own and Path(left.folder).parent.exists():
        yield from _gone(left)
    elif left.folder:
        whose = f"{left.project} of {left.folder}, which can't be seen from here"
        yield _doubtful(left, f"{whose}: gone, another machine's, or on a disk that isn't mounted")
    elif left.volumes or left.images:
        yield _doubtful(left, f"{left.project}, a clone that is down, or gone")


def _doubtful(left: Left, whose: str) -> Finding:
    type_this = f"there, make reset AT=stack; if it is gone: {_removal(left)}"
    return warn("old stacks", f"{left.all_counts} of {whose}", type_this)


def _gone(left: Left) -> Iterator[Finding]:
    whose = f"{left.project} of {left.folder}, which is gone"
    if left.running:
        result = f"{len(left.running)} containers of {whose}, still run"
        type_this = f"docker rm --force {' '.join(left.running)}"
        yield warn("old stacks", result, type_this)
    elif left.removable_counts:
        fix = partial(_remove, left)
        yield warn("old stacks", f"{left.removable_counts} of {whose}", "make doctor FIX=1", fix)
    if left.volumes:
        result = f"{len(left.volumes)} volumes, with data, of {whose}"
        type_this = f"docker volume rm {' '.join(left.volumes)} deletes it"
        yield warn("old stacks", result, type_this)


def _removal(left: Left) -> str:
    volumes = f"$(docker volume ls -q --filter label={PROJECT}={left.project})"
    containers = [*left.running, *left.ended]
    commands = {
        f"docker rm --force {' '.join(containers)}": containers,
        f"docker network rm {' '.join(left.networks)}": left.networks,
        f"docker volume rm {volumes}": left.volumes,
        f"docker image rm {' '.join(left.images)}": left.images,
    }
    return "; ".join(command for command, names in commands.items() if names)


def _remove(left: Left) -> str:
    """Remove what has ended, networks and images; Docker refuses what is in use."""
    kinds = {"container": left.ended, "network": left.networks, "image": left.images}
    for kind, names in kinds.items():
        if names:
            docker(kind, "rm", *names)
    return f"removed {left.removable_counts} of {left.project}"


def _outdated(project: str) -> Iterator[Finding]:
    """Report containers and volumes that this clone's docker-compose.yml doesn't declare."""
    declared = yaml.safe_load(Path("docker-compose.yml").read_text())
    services, volumes = {*declared["services"], FLOW_RUN}, set(declared["volumes"])
    if old := _not_in(services, ("ps", "--all"), SERVICE, "{{.Names}}", project):
        result = f"{', '.join(old)} of an older version of this stack"
        yield warn("old stacks", result, "make down, then make up")
    if kept := _not_in(volumes, ("volume", "ls"), _VOLUME, "{{.Name}}", project):
        result = f"{', '.join(kept)}: of an older version of this stack, with its data"
        yield warn("old stacks", result, f"docker volume rm {' '.join(kept)} deletes it")


def _not_in(
    names: set[str], what: tuple[str, ...], label: str, form: str, project: str
) -> list[str]:
    own = f"label={PROJECT}={project}"
    output = docker(*what, "--filter", own, "--format", f'{{{{.Label "{label}"}}}}\t{form}')
    rows = [line.split("\t") for line in output.splitlines()]
    return sorted(name for declared, name in rows if declared not in names)


def _listed(what: tuple[str, ...], label: str, form: str) -> Iterator[list[str]]:
    """Lines of a list, each beginning with the project that it is of."""
    shown = f'{{{{.Label "{label}"}}}}\t{form}'
    for line in docker(*what, "--filter", f"label={label}", "--format", shown).splitlines():
        if _OURS.fullmatch((cells := line.split("\t"))[0]):
            yield cells
