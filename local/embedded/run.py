"""``make run``: start the outside world, run the pipeline against it, report the result."""

import shlex
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from local.console.chosen_flow import (
    FLOWS,
    KINDS,
    OF_WHAT_IS_LOADED,
    PARAMETERS,
    PIPELINE,
    ChosenFlow,
    read_flow,
)
from local.console.errors import CommandFailed
from local.console.formats import this_revision
from local.console.local_s3 import s3_client
from local.console.local_settings import BUCKET, foreign_free, s3_settings
from local.console.ports import Ports
from local.console.prefect_api import PrefectApi
from local.console.report import print_messages, print_report
from local.console.retention import days_to_keep
from local.console.slack_inbox import newest_number, slack_messages
from local.console.steering import clock_notice
from local.console.variables import state_root, typed_names
from local.embedded import world
from local.embedded.children import Child, Children, ChildSpec
from local.embedded.state import StateFolder, current_state, refusals_explained
from mocks.canton_scan import dso_party_id
from mocks.canton_scan.eras import Era
from mocks.canton_scan.replay import RecordingRefused
from services.accept import network_of
from services.adapters.snowflake import Warehouse
from services.migrate import migrate
from services.settings import read_canton, read_settings, read_snowflake
from services.wiring import open_source, open_warehouse

_EXAMPLE = "select layer, batch_id, row_count, committed_at from ops.batches"
_OF_OTHER_FLOWS = {"FLOW", *KINDS} - {*PARAMETERS}
EXTERNAL_BUDGET_PAGES = "20"  # of another Scan's history, a run


@dataclass(frozen=True)
class Source:
    """The Scan to read: the mock, a recording served by the mock, or an external one."""

    network: str
    base_url: str | None = None
    replay: Path | None = None

    @property
    def state_name(self) -> str:
        """Its folder: a recording has one of its own, apart from the network it was taken from."""
        if self.replay is None:
            return self.network
        return f"{self.network}-replay-{sha256(self.replay.read_bytes()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Run:
    """One `make run`: its state's folder, and its services' ports and settings.

    `arranged` is how a child is started instead, say under a debugger.
    """

    flow: ChosenFlow
    source: Source
    state: StateFolder
    ports: Ports
    environment: Mapping[str, str]
    arranged: Callable[[ChildSpec], ChildSpec] = field(default=lambda spec: spec)


def run(environment: Mapping[str, str]) -> int:
    """Run the pipeline once, or the flow that FLOW names; the exit code."""
    this = prepare(environment)
    flow = this.flow
    own: dict[str, Any] = {}
    if this.source.base_url:
        own["budget_pages"] = EXTERNAL_BUDGET_PAGES
    if this.source.replay:
        own["max_age_minutes"] = 0  # recordings are old
    _, taken = FLOWS[flow.name]
    own = {name: value for name, value in own.items() if name.upper() in taken}
    arguments = tuple(f"{name}={value}" for name, value in {**own, **flow.parameters}.items())
    spec = ChildSpec(flow.name, flow.file, arguments, is_visible=True)
    with this.state.lock(), Children(this.state.path / "logs", this.environment) as children:
        began = time.monotonic()
        code = play(this, children, spec)
        if not code:
            print(_what_next(this, time.monotonic() - began))
    return code


def prepare(
    environment: Mapping[str, str], flows: Collection[str] = tuple(FLOWS), default: str = PIPELINE
) -> Run:
    """Settle where everything lies and listens; nothing is started yet.

    Raises:
        CommandFailed, PipelineError: An option can't be met.
    """
    flow = read_flow(environment, flows, default)
    days_to_keep(environment)
    source = choose_source(environment)
    root = state_root(environment)
    if flow.name in OF_WHAT_IS_LOADED:
        current_state(source.state_name, root)  # says what to type where there is none
    state = StateFolder(source.state_name, root)
    state.prepare()
    ports = world.choose_ports(environment)
    settings = {**foreign_free(environment), **world.pipeline_environment(state, ports)}
    settings.setdefault("CANTON_BASE_URL", ports.scan_urls)
    if source.base_url is None:
        settings.setdefault("CANTON_START_AT", "genesis")
        if source.replay is None:
            settings.setdefault("CANTON_CLOCK", "simulated")  # ./pipeline clock moves it
    read_settings(settings)
    return Run(flow, source, state, ports, settings)


def choose_source(environment: Mapping[str, str]) -> Source:
    """The Scan that the settings name; its network is requested if it isn't the mock.

    Raises:
        CommandFailed: REPLAY and CANTON_BASE_URL both, no such ERA, or a file that can't be
            replayed.
        PipelineError: The Scan does not answer properly.
    """
    replay, base_url = environment.get("REPLAY"), environment.get("CANTON_BASE_URL")
    if replay and base_url:
        raise CommandFailed("REPLAY and CANTON_BASE_URL exclude each other: give one of them")
    if base_url:
        with open_source(read_canton(environment)) as scan:
            return Source(scan.network(), base_url)
    path = Path(replay).absolute() if replay else None
    seed, era = environment.get("SEED") or world.SEED, environment.get("ERA") or world.ERA
    if era not in (eras := [one.value for one in Era]):
        raise CommandFailed(f"ERA={era}: expected one of {', '.join(eras)}")
    try:
        return Source(network_of(dso_party_id(seed=seed, era=era, replay=path)), replay=path)
    except RecordingRefused as refused:
        raise CommandFailed(f"REPLAY: {refused}") from refused


def play(
    this: Run,
    children: Children,
    spec: ChildSpec,
    meanwhile: Callable[[Child], None] | None = None,
) -> int:
    """Start all services, run a flow against them, and report the result; its exit code.

    Args:
        meanwhile: Called once the services are ready, with the flow that runs already.
    """
    began, started_at = time.monotonic(), datetime.now(UTC)
    print(f"network {this.source.network}, state in {this.state.path}; starting…", flush=True)
    server = world.prefect(this.state, this.ports, days_to_keep(this.environment))
    prefect = children.start(this.arranged(server))
    with refusals_explained(this.state.path):
        warehouse = start_data_services(this, children)
    # The flows' imports take as long as the server's start: they wait for it by themselves.
    flow = children.start(this.arranged(spec))
    with refusals_explained(this.state.path):
        children.wait_ready(prefect)
    this.state.sign(this_revision())
    start_home(this, children)
    api = PrefectApi(this.ports.url("prefect"))
    api.crash_left_over_runs(started_at)
    seen = newest_number(this.ports.url("slack"))
    with this.state.running(asdict(this.ports)):
        print(addresses(this, time.monotonic() - began), flush=True)
        if meanwhile:
            meanwhile(flow)
        while (code := flow.ended(0.5)) is None:
            children.check()
            this.state.check_room()
    messages = slack_messages(this.ports.url("slack"), after=seen)
    if code:
        print_messages(messages, f"./pipeline open {_at(this)}")
    else:
        print_report(
            warehouse, this.source.network, api.layer_runs(started_at.isoformat()), messages
        )
    return code


def start_data_services(
    this: Run, children: Children, make_tables: Callable[[Warehouse], object] = migrate
) -> Warehouse:
    """Start all but Prefect; the warehouse, migrated."""
    aws = s3_settings(this.ports.url("s3"))
    specs = [
        world.s3(this.state, this.ports),
        world.snowflake(this.state, this.ports, aws),
        world.slack(this.state, this.ports),
    ]
    if this.source.base_url is None:
        specs.append(world.scan(this.ports.scan, *_ledger(this)))
    children.wait_ready(*[children.start(this.arranged(spec)) for spec in specs])
    if this.source.base_url is None:  # once the first one keeps a ledger that they can follow
        followed = ("--state", str(this.state.ledger), "--follow")
        if this.source.replay:
            followed = _ledger(this)
        others = [
            world.scan(port, *followed, number=number)
            for number, port in enumerate(this.ports.other_scans, 2)
        ]
        children.wait_ready(*[children.start(this.arranged(spec)) for spec in others])
    make_bucket(aws)
    warehouse = open_warehouse(read_snowflake(this.environment))
    make_tables(warehouse)
    return warehouse


def start_home(this: Run, children: Children) -> None:
    """Start the home page, which nothing waits for: that it ends fails no run."""
    spec = world.home(this.state, this.ports, is_scan_mocked=this.source.base_url is None)
    children.start(replace(spec, ready_url=""))


def _ledger(this: Run) -> tuple[str, ...]:
    if this.source.replay:
        return ("--replay", str(this.source.replay))
    return (
        *("--state", str(this.state.ledger)),
        *("--seed", this.environment.get("SEED") or world.SEED),
        *("--era", this.environment.get("ERA") or world.ERA),
        *("--history", this.environment.get("HISTORY") or world.HISTORY),
        *("--rate", this.environment.get("RATE") or world.RATE),
    )


def make_bucket(aws: Mapping[str, str]) -> None:
    """The landing bucket, as infrastructure makes it: versioned. ministack forgets that status."""
    s3 = s3_client(aws)
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def addresses(this: Run, seconds: float) -> str:
    ports, is_scan_mocked = this.ports, this.source.base_url is None
    lines = [f"ready in {seconds:.1f} s. While this runs:"]
    lines += world.page_lines(ports, is_scan_mocked=is_scan_mocked)
    if is_scan_mocked and this.source.replay is None:
        lines += clock_notice(ports.url("scan"))
    return "\n".join(lines)


def _what_next(this: Run, seconds: float) -> str:
    repeated = {
        name: f" {name}={shlex.quote(this.environment[name])}"
        for name in typed_names(this.environment)
        if name not in _OF_OTHER_FLOWS
    }
    again = {f"make run{''.join(repeated.values())}": "loads only what is new since"}
    next_steps = {
        **({} if this.source.replay else again),  # a recording doesn't grow
        f'make sql Q="{_EXAMPLE}"{repeated.get("STATE", "")}': "asks the warehouse",
        f"./pipeline open {_at(this)}": "shows it on a page, until Ctrl-C",
        "make help": "lists everything",
    }
    lines = "\n".join(f"  {command}\n      {what}" for command, what in next_steps.items())
    return f"\ndone in {seconds:.1f} s. What to try next:\n{lines}"


def _at(this: Run) -> str:
    """The options of `./pipeline` that name the state of this run."""
    state = this.environment.get("STATE")
    return f"--at embedded --state {shlex.quote(state)}" if state else "--at embedded"
