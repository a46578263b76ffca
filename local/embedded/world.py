"""The outside world as child processes on loopback: what starts, and where it listens."""

from collections.abc import Mapping
from pathlib import Path

from local.console import retention
from local.console.errors import CommandFailed
from local.console.local_settings import WAREHOUSE_USER, s3_settings, warehouse_settings
from local.console.ports import EMBEDDED_SERVICES, Ports, is_port_free, read_port
from local.embedded.children import ChildSpec, free_ports
from local.embedded.state import StateFolder
from mocks.canton_scan.eras import Era

HISTORY = "20000"  # updates that a new mock ledger begins with
RATE = "2"  # updates a second by which it grows on average
SEED = "local"
ERA = Era.MIXED.value
SERVICES = tuple(name.lower() for name in EMBEDDED_SERVICES)
MOST_SCANS = 5
LAG_SECONDS = 30  # of the second Scan behind the first, of the third behind the second, …
INIT_SQL = "mocks/snowflake/init.sql"


def choose_ports(environment: Mapping[str, str]) -> Ports:
    """Free ports, or those that ``<SERVICE>_PORT`` sets.

    Raises:
        CommandFailed: A requested port is taken or invalid, or SCANS isn't a valid number.
    """
    count = environment.get("SCANS") or "1"
    if not count.isdigit() or not 1 <= int(count) <= MOST_SCANS:
        raise CommandFailed(f"SCANS={count}: expected a number from 1 to {MOST_SCANS}")
    spare = free_ports(len(SERVICES) + int(count) - 1)
    others = [spare.pop() for _ in range(int(count) - 1)]
    ports = dict(zip(SERVICES, spare, strict=True))
    for name in SERVICES:
        setting = f"{name.upper()}_PORT"
        if text := environment.get(setting):
            ports[name] = port = read_port(setting, text)
            if not is_port_free(port):
                raise CommandFailed(
                    f"{setting}={port} is taken by another program: choose another port"
                )
    return Ports(**ports, other_scans=others)


def pipeline_environment(state: StateFolder, ports: Ports) -> dict[str, str]:
    """The settings of the flows, as containers and ECS get them too, with local values."""
    return {
        **s3_settings(ports.url("s3")),
        **warehouse_settings(ports.snowflake, state.warehouse_password()),
        "SLACK_WEBHOOK_URL": f"{ports.url('slack')}/services/local",
        "PREFECT_API_URL": f"{ports.url('prefect')}/api",
        "PREFECT_UI_URL": ports.url("prefect"),
        **prefect_environment(state),
        # The adapters' warnings stand in the run's log too: that a Scan is waited for, say.
        "PREFECT_LOGGING_EXTRA_LOGGERS": "services",
        # The flows' own lines, without a line for each step's state.
        "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "WARNING",
        "PREFECT_LOGGING_FORMATTERS_STANDARD_FLOW_RUN_FMT": "%(asctime)s | %(message)s",
        "PREFECT_LOGGING_FORMATTERS_STANDARD_TASK_RUN_FMT": "%(asctime)s | %(message)s",
    }


def prefect_environment(state: StateFolder) -> dict[str, str]:
    """Prefect on this machine alone: its own home."""
    home = (state.path / "prefect").absolute()
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
    }


def prefect(state: StateFolder, ports: Ports, keep_days: str | None = None) -> ChildSpec:
    """Prefect's server with its UI, on SQLite; it deletes runs only if `keep_days` is set."""
    database = (state.path / "prefect" / "prefect.db").absolute()
    database.parent.mkdir(exist_ok=True)
    return ChildSpec(
        "prefect",
        "uvicorn",
        (
            "--factory", "prefect.server.api.server:create_app",
            "--host", "127.0.0.1", "--port", str(ports.prefect), "--log-level", "warning",
        ),
        env={
            **prefect_environment(state),
            **(retention.server_settings(keep_days) if keep_days else {}),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}",
            "PREFECT_SERVER_UI_API_URL": f"{ports.url('prefect')}/api",
            "PREFECT_UI_URL": ports.url("prefect"),
            "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        },
        ready_url=f"{ports.url('prefect')}/api/health",
        ready_seconds=120,
    )  # fmt: skip


def scan(port: int, *ledger: str, number: int = 1) -> ChildSpec:
    """The mocked Scan, or a further node of the same network, each behind the one before."""
    behind = ("--lag", str((number - 1) * LAG_SECONDS)) if number > 1 else ()
    return ChildSpec(
        f"scan-{number}" if number > 1 else "scan",
        "mocks.canton_scan",
        ("--port", str(port), *ledger, *behind),
        ready_url=f"http://127.0.0.1:{port}/api/scan/readyz",
    )


def s3(state: StateFolder, ports: Ports) -> ChildSpec:
    return ChildSpec(
        "s3",
        "mocks.s3",
        ("--data", str((state.path / "s3").absolute()), "--port", str(ports.s3)),
        ready_url=f"{ports.url('s3')}/_localstack/health",
    )


def snowflake(state: StateFolder, ports: Ports, aws: Mapping[str, str]) -> ChildSpec:
    listening = ("--port", str(ports.snowflake), "--tls-port", str(ports.snowflake_tls))
    return ChildSpec(
        "snowflake",
        "mocks.snowflake",
        ("--data", str(state.path / "snowflake"), *listening, "--init", INIT_SQL),
        env={
            **aws,
            "LOCAL_SNOWFLAKE_USER": WAREHOUSE_USER,
            "LOCAL_SNOWFLAKE_PASSWORD": state.warehouse_password(),
        },
        ready_url=f"{ports.url('snowflake')}/health",
    )


def slack(state: StateFolder, ports: Ports) -> ChildSpec:
    return ChildSpec(
        "slack",
        "mocks.slack",
        ("--port", str(ports.slack), "--inbox", str(state.path / "slack.jsonl")),
        ready_url=f"{ports.url('slack')}/readyz",
    )


def home(state: StateFolder, ports: Ports, *, is_scan_mocked: bool) -> ChildSpec:
    scan = ("--scan", ports.url("scan")) if is_scan_mocked else ()
    return ChildSpec(
        "home",
        "local.home",
        (
            *("--port", str(ports.home), "--name", f"make run, {state.network}"),
            *("--slack", ports.url("slack"), "--dashboard", ports.url("dashboard"), *scan),
            *("--snowflake-page", ports.url("snowflake")),
        ),
        env=pipeline_environment(state, ports),
        ready_url=f"{ports.url('home')}/readyz",
    )


def dashboard(state: StateFolder, ports: Ports) -> ChildSpec:
    """The dashboard of gold, in Streamlit's own environment."""
    return ChildSpec(
        "dashboard",
        "local/dashboard/serve.py",
        ("--port", str(ports.dashboard)),
        env=warehouse_settings(ports.snowflake, state.warehouse_password()),
        ready_url=f"{ports.url('dashboard')}/_stcore/health",
        python=str(Path(".venv/client-streamlit/bin/python").absolute()),
    )


def page_lines(ports: Ports, *, is_scan_mocked: bool) -> list[str]:
    pages = {"Home page": "home", "Prefect": "prefect", "Slack inbox": "slack"}
    if is_scan_mocked:
        pages["mocked Scan"] = "scan"
    return [f"  {name:<12} {ports.url(service)}" for name, service in pages.items()]
