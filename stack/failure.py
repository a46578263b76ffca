"""Why the stack didn't start: which service, its last words, and what to do."""

from stack.compose import declared, last_lines, services
from stack.health import health_of, is_well

_LINES = 8
_WAITS = {"created", "missing"}  # for another one that isn't healthy


def why_not_up(said: str) -> str:
    """A message for the person who typed `make up`; `said` is Compose's own where it knows more."""
    found = {one["Service"]: one for one in services()}
    health = {name: health_of(found.get(name), one) for name, one in declared().items()}
    failed = {
        name: word for name, word in health.items() if not is_well(word) and word not in _WAITS
    }
    if not failed:
        return f"{said}\nmake up tries again; make down stops what has started"
    told = [line for name, word in failed.items() for line in _told(name, word)]
    first = next(iter(failed))
    return "\n".join(
        [*told, f"make logs S={first} shows more; make up tries again; make down stops the rest"]
    )


def _told(name: str, health: str) -> list[str]:
    lines = last_lines(name, _LINES)
    return [
        f"{name} did not start ({health})" + (", its last lines:" if lines else ""),
        *(f"  {line}" for line in lines),
    ]
