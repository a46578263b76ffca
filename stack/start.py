"""Starting every service; where one doesn't: which, its last words, and what to do."""

from contextlib import suppress

from console.errors import CommandFailed
from stack.compose import ComposeFailed, compose, declared, last_lines, services
from stack.engine import dying
from stack.health import health_of, is_well

_MOST_DEATHS = 3
_LINES = 8
_WAITS = {"created", "missing"}  # for another one that isn't healthy


def start(project: str) -> None:
    """Start what doesn't run, and wait until all of it is healthy.

    Raises:
        CommandFailed: A service isn't, or dies again and again; Compose would wait for that one.
    """
    print("starting…", flush=True)

    def is_hopeless() -> bool:
        with suppress(CommandFailed):  # a container that has just gone can't be looked at
            return max(dying(project).values(), default=0) >= _MOST_DEATHS
        return False

    try:
        compose("up", "--detach", "--wait", is_hopeless=is_hopeless)
    except ComposeFailed as error:
        raise CommandFailed(_why_not(str(error))) from None


def _why_not(said: str) -> str:
    """For the person who typed `make up`; `said` is Compose's own, where it knows more."""
    failed = _failed()
    if not failed:
        return f"{said}\nmake up tries again; make down stops what has started"
    told = [line for name, word in failed.items() for line in _told(name, word)]
    first = next(iter(failed))
    return "\n".join(
        [*told, f"make logs S={first} shows more; make up tries again; make down stops the rest"]
    )


def _failed() -> dict[str, str]:
    """How each service is that failed, or else each that takes its time."""
    found = {one["Service"]: one for one in services()}
    health = {name: health_of(found.get(name), one) for name, one in declared().items()}
    slow = {name: word for name, word in health.items() if word == "starting"}
    patient = {*slow, *(name for name, word in health.items() if is_well(word) or word in _WAITS)}
    return {name: word for name, word in health.items() if name not in patient} or slow


def _told(name: str, health: str) -> list[str]:
    lines = last_lines(name, _LINES)
    return [
        f"{name} did not start ({health})" + (", its last lines:" if lines else ""),
        *(f"  {line}" for line in lines),
    ]
