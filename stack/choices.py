"""What `make up` can be told: mounted code or what was built, Scans, how much history of what."""

from collections.abc import Mapping
from pathlib import Path

from console import retention
from console.errors import CommandFailed
from console.variables import is_on
from mocks.canton_scan.eras import Era

MOUNTED = ("flows", "services")
DEBUGGER = Path(".debugger")  # by `bin/venv debug`; a dev container has a .venv of its own
HISTORY, LEAST_HISTORY = "20000", 10
ERA = Era.MIXED.value
# The profile of docker-compose.yml that starts the second Scan, and all that bronze may ask then.
_SCANS = {"1": ("", ("canton-scan",)), "2": ("behind", ("canton-scan", "canton-scan-behind"))}


def chosen_once(environment: Mapping[str, str]) -> dict[str, str]:
    """What stays as it was said last: KEEP_RUNS, and what counts for the first start alone.

    Raises:
        CommandFailed: HISTORY or ERA is none that the mocked Scan takes, or KEEP_RUNS no number of
            days.
    """
    history, era = environment.get("HISTORY") or "", environment.get("ERA") or ""
    if history and (not history.isdecimal() or int(history) < LEAST_HISTORY):
        raise CommandFailed(f"HISTORY={history} is no number from {LEAST_HISTORY} on")
    if era and era not in (known := [one.value for one in Era]):
        raise CommandFailed(f"ERA={era} is none of {', '.join(known)}")
    days = retention.days_to_keep(environment, "")
    asked = {"HISTORY": history, "ERA": era, retention.VARIABLE: days}
    return {name: value for name, value in asked.items() if value}


def chosen(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What each `make up` chooses or finds anew, as variables of docker-compose.yml.

    Raises:
        CommandFailed: MOUNT is neither 1 nor 0, or SCANS neither 1 nor 2.
    """
    debugger = {"DEBUG_FOLDER": str((root / DEBUGGER).resolve())}
    return {**_mounts(root, environment), **_scans(environment), **debugger}


def _mounts(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    is_mounted = is_on("MOUNT", environment, default=True)
    folders = [str(root / name) for name in MOUNTED] if is_mounted else []
    volumes = [f'"{folder}:/app/{Path(folder).name}:ro"' for folder in folders]
    return {"FLOW_FOLDERS": ":".join(folders), "FLOW_VOLUMES": f"[{','.join(volumes)}]"}


def _scans(environment: Mapping[str, str]) -> dict[str, str]:
    count = environment.get("SCANS") or "1"
    if count not in _SCANS:
        raise CommandFailed(f"SCANS={count} is neither 1 nor 2")
    profile, hosts = _SCANS[count]
    urls = ",".join(f"http://{host}:5012/api/scan" for host in hosts)
    return {"COMPOSE_PROFILES": profile, "CANTON_BASE_URL": urls}
