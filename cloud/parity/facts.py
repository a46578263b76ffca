"""Facts that describe both environments in plain words, by name, so that they can be compared.

What runs is described as a container: image, command, user, memory, what it may write to. An option
that nobody gave a word keeps its own name, so that a new one is seen as well.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Facts = dict[str, str]
NONE = "-"  # nothing is said
SECRET = "a secret"  # noqa: S105 -- in the place of each
MIB = 1024 * 1024


def variable_facts(values: Mapping[str, str], secrets: Iterable[str]) -> Facts:
    """Describe an environment's variables; a secret is marked, wherever its value comes from."""
    named = {**values, **dict.fromkeys(secrets, SECRET)}
    return {f"variable {name}": value for name, value in named.items()}


def handed_over(environment: Facts) -> Facts:
    """The variables of a worker that it hands to each of its runs: Prefect's own settings."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith("variable PREFECT_")
        and not name.startswith("variable PREFECT_INTEGRATIONS_")
    }


def command_facts(words: Iterable[str]) -> Facts:
    """A command and its options, each by its name: their order says nothing."""
    facts: Facts = {"command": NONE}
    option = ""
    for word in words:
        if word.startswith("--"):
            option = f"command {word}"
            facts[option] = "given"
        elif option:
            facts[option], option = word, ""
        else:
            facts["command"] = f"{facts['command']} {word}".removeprefix(f"{NONE} ")
    return facts


def option_facts(options: Mapping[str, Any], known: Iterable[str] = ()) -> Facts:
    """Options without a word of ours, by their own names; those that say nothing are left out."""
    left = {name: value for name, value in options.items() if name not in {*known}}
    return {f"option {name}": plain(value) for name, value in left.items() if is_said(value)}


def is_said(value: Any) -> bool:
    """Tell whether an option has a value that is neither None nor empty."""
    return value is not None and value not in ([], {}, ())


def plain(value: Any) -> str:
    """A value as text; lists and objects in one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {plain(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(plain(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def hardening_facts(*, is_read_only: bool, dropped: Iterable[str], has_init: bool) -> Facts:
    """Describe a container's restrictions: root filesystem, dropped capabilities, init process."""
    return {
        "root filesystem": "read-only" if is_read_only else "writable",
        "capabilities dropped": plain(list(dropped)) or NONE,
        "init process": plain(has_init),
    }


def size_facts(cores: float | None, mebibytes: float | None) -> Facts:
    """Describe a container's limits, in cores and MiB; None means no limit."""
    return {
        "cpu": f"{cores:g} cores" if cores else "as many cores as there are",
        "memory": f"{mebibytes:g} MiB" if mebibytes else "as much as there is",
    }


def writable_facts(folders: Mapping[str, str | None]) -> Facts:
    """Describe the writable paths: a `volume`, or a tmpfs with its size (None: no limit)."""
    facts: Facts = {}
    for path, kind in folders.items():
        facts[f"writable {path}"] = "volume" if kind == "volume" else "tmpfs"
        if kind != "volume":
            facts[f"size of {path}"] = kind or "as much as the container has"
    return facts


def health_facts(probe: Mapping[str, Any], words: Iterable[str]) -> Facts:
    """The probe, and how often it asks: seconds by the names that Compose has for them."""
    timing = ("interval", "timeout", "retries", "start_period")
    return {
        "health": " ".join(words),
        **{f"health {name}": str(probe[name]).removesuffix("s") for name in timing},
    }


def schedule_text(schedules: Iterable[Mapping[str, Any]]) -> str:
    """All schedules of a deployment, and whether they begin to run by themselves."""
    texts = [
        f"{one['cron']} {one.get('timezone') or 'UTC'}"
        + ("" if one.get("active", True) else ", resting")
        for one in schedules
    ]
    return "; ".join(texts) or NONE


def deployment_facts(deployment: Mapping[str, Any]) -> Facts:
    """Describe one deployment of prefect.yaml."""
    limit = deployment.get("concurrency_limit") or {}
    known = ("name", "entrypoint", "work_pool", "concurrency_limit", "schedules", "tags")
    return {
        "name": deployment["name"],
        "entrypoint": deployment["entrypoint"],
        "pool": deployment["work_pool"]["name"],
        "schedules": schedule_text(deployment.get("schedules", [])),
        "tags": plain(sorted(deployment.get("tags", []))) or NONE,
        **{f"concurrency {name}": plain(value) for name, value in limit.items()},
        **option_facts(deployment, known),
        **option_facts(deployment["work_pool"], ["name"]),
    }


def prefixed(what: str, facts: Facts) -> Facts:
    """The same, said of something."""
    return {f"{what}: {name}": value for name, value in facts.items()}
