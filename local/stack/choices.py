"""The options of `make up`: mounted or built code, the Scans, and how much history to keep."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml
from dotenv import dotenv_values

from deployments.containers import SCAN_LIMITS
from local.console import retention
from local.console.errors import CommandFailed
from local.console.variables import is_on, typed_names
from mocks.canton_scan.eras import Era
from services.errors import SettingsWrong
from services.settings import read_canton

MOUNTED = ("flows", "services")
DEBUGGER = Path(".debugger")  # by `tools/venv debug`; a dev container has a .venv of its own
HISTORY, LEAST_HISTORY = "20000", 10
ERA = Era.MIXED.value
# What a flow run may have: 273 MB is the most that one of the pipeline took.
FLOW_MEMORY, LEAST_MEMORY_MIB, MOST_MEMORY_MIB = "1g", 256, 4096
_PRODUCTION = Path("cloud/infra/Pulumi.prod.yaml")
FLOW_LIMITS = ("FLOW_MEMORY", "FLOW_CPUS")
FLOW_CPUS, LEAST_CPUS = "2", 0.5  # or all there are: the rest of the stack goes on answering
# The profiles of docker-compose.yml, and the service that each starts.
SECOND_SCAN, DASHBOARD = "canton-scan-behind", "dashboard"
PROFILES = {"behind": SECOND_SCAN, "dashboard": DASHBOARD}
# The profile of docker-compose.yml that starts the second Scan, and bronze's Scans with it.
_SCANS = {"1": ("", ("canton-scan",)), "2": ("behind", ("canton-scan", SECOND_SCAN))}


def kept_options(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the options that are kept: limits, and those that only the first start uses.

    Raises:
        CommandFailed: HISTORY, ERA, KEEP_RUNS, FLOW_MEMORY or FLOW_CPUS has an invalid value.
    """
    history, era = environment.get("HISTORY") or "", environment.get("ERA") or ""
    if history and (not history.isdecimal() or int(history) < LEAST_HISTORY):
        raise CommandFailed(f"HISTORY={history}: expected a number from {LEAST_HISTORY} on")
    if era and era not in (names := [one.value for one in Era]):
        raise CommandFailed(f"ERA={era}: expected one of {', '.join(names)}")
    days = retention.days_to_keep(environment, "")
    options = {"HISTORY": history, "ERA": era, retention.VARIABLE: days, **_limits(environment)}
    return {name: value for name, value in options.items() if value}


def limits_of_file(file: Path) -> dict[str, str]:
    """The limits of a flow run that an env file sets; empty without the file."""
    found = dotenv_values(file)
    return {name: text for name in FLOW_LIMITS if (text := found.get(name))}


def most_memory_mib() -> int:
    """The most MiB that the gate lets a flow run have: as many as production, for a rehearsal.

    At least what FLOW_MEMORY may ask for; a file that can't be read is for `./pipeline plan`.
    """
    try:
        tasks = yaml.safe_load(_PRODUCTION.read_text())["config"]["canton-pipeline:tasks"]
        return max(MOST_MEMORY_MIB, int(tasks["flow"]["memory"]))
    except (OSError, yaml.YAMLError, LookupError, TypeError, ValueError):
        return MOST_MEMORY_MIB


def _limits(environment: Mapping[str, str]) -> dict[str, str]:
    memory, cpus = environment.get("FLOW_MEMORY") or "", environment.get("FLOW_CPUS") or ""
    if memory:
        size = re.fullmatch(r"(\d+)([mg])", memory)
        mebibytes = int(size[1]) * (1024 if size[2] == "g" else 1) if size else 0
        if not LEAST_MEMORY_MIB <= mebibytes <= MOST_MEMORY_MIB:
            least, most = f"{LEAST_MEMORY_MIB}m", f"{MOST_MEMORY_MIB // 1024}g"
            raise CommandFailed(f"FLOW_MEMORY={memory}: expected {least} to {most}")
    if cpus and (not re.fullmatch(r"\d+(\.\d+)?", cpus) or float(cpus) < LEAST_CPUS):
        raise CommandFailed(f"FLOW_CPUS={cpus}: expected a number of cores from {LEAST_CPUS}")
    return {"FLOW_MEMORY": memory, "FLOW_CPUS": cpus}


def start_options(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the options that each `make up` sets anew, as variables of docker-compose.yml.

    Raises:
        CommandFailed: MOUNT, DASHBOARD, SCANS, a real Scan's settings or one of a Scan's limits is
            invalid.
    """
    is_mounted = is_on("MOUNT", environment, default=True)
    folders = [str(root / name) for name in MOUNTED] if is_mounted else []
    volumes = [f'"{folder}:/app/{Path(folder).name}:ro"' for folder in folders]
    profile, scans = _real_scan(environment) or _mocked_scans(environment)
    has_dashboard = is_on("DASHBOARD", environment)
    limits = {name: environment[name] for name in SCAN_LIMITS if name in typed_names(environment)}
    _refuse_wrong_scan({"CANTON_BASE_URL": "http://scan", **limits})
    return {
        **scans,
        **dict.fromkeys(SCAN_LIMITS, ""),
        **limits,
        "FLOW_FOLDERS": ":".join(folders),
        "FLOW_VOLUMES": f"[{','.join(volumes)}]",
        "COMPOSE_PROFILES": ",".join(filter(None, (profile, DASHBOARD if has_dashboard else ""))),
        # Empty without it: a name that is nobody's would be asked for outside.
        "DASHBOARD_URL": f"http://{DASHBOARD}:8501" if has_dashboard else "",
        "DEBUG_FOLDER": str((root / DEBUGGER).resolve()),
    }


def _mocked_scans(environment: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    count = environment.get("SCANS") or "1"
    if count not in _SCANS:
        raise CommandFailed(f"SCANS={count}: expected 1 or 2")
    profile, hosts = _SCANS[count]
    return profile, {
        "CANTON_BASE_URL": ",".join(f"http://{host}:5012/api/scan" for host in hosts),
        "CANTON_START_AT": "genesis",
        "CANTON_CLOCK": "simulated",
        "REAL_SCAN": "",
    }


def _refuse_wrong_scan(settings: Mapping[str, str]) -> None:
    try:
        read_canton(settings)
    except SettingsWrong as error:
        raise CommandFailed(str(error)) from None


def _real_scan(environment: Mapping[str, str]) -> tuple[str, dict[str, str]] | None:
    """A Scan outside of the stack, named on the command line: an exported one changes nothing."""
    named = {"CANTON_BASE_URL", "CANTON_START_AT", "SCANS"} & {*typed_names(environment)}
    options = {name: environment[name] for name in named if environment[name]}
    if "CANTON_BASE_URL" not in options:
        if "CANTON_START_AT" in options:
            raise CommandFailed("CANTON_START_AT is a real Scan's: name it in CANTON_BASE_URL=…")
        return None
    if "SCANS" in options:
        raise CommandFailed("SCANS are the mock's, CANTON_BASE_URL is a real one: name one of them")
    if "CANTON_START_AT" not in options:
        raise CommandFailed("a real Scan needs CANTON_START_AT=…, such as 2026-11-20T00:00:00Z")
    _refuse_wrong_scan(options)
    return "", {**options, "CANTON_CLOCK": "real", "REAL_SCAN": "1"}
