"""The rehearsal, from an empty account to the table."""

import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from cloud.infra.settings import Settings, read_settings
from cloud.pools.ecs import ecs_pool
from cloud.rehearsal import services, swaps
from cloud.rehearsal.compare import (
    KEYS,
    compare_container,
    compare_definitions,
    compare_overrides,
    environment,
    production_definition,
    swapped_rows,
    variables,
)
from cloud.rehearsal.deploys import Deploys
from cloud.rehearsal.disturbances import Disturbances
from cloud.rehearsal.emulated import Emulated, apply_infrastructure
from cloud.rehearsal.health import Check, Watch
from cloud.rehearsal.limits import NOT_HERE, STAND_INS
from cloud.rehearsal.register import make_deployments, make_pool, withdraw
from cloud.rehearsal.runs import Runs
from cloud.rehearsal.table import Row, equal, holds, is_passed, print_rows
from deployments.pools import Pool
from local.console.errors import CommandFailed
from local.console.steering import advance_clock, ledger_network
from local.console.variables import is_on
from local.stack.compose import compose
from local.stack.running import StackPlace
from local.stack.settings import WAREHOUSE_KEY
from local.verify.truth import over_http
from local.verify.verify import verify
from services.catalog import LAYERS

ENVIRONMENT = "prod"
AHEAD_SECONDS = 600  # of the ledger, for the first run: a stack may have loaded all there is
MOST_MINUTES = 24 * 60
_BATCHES = "select layer, max(batch_id) as batch_id from ops.batches group by layer"
_LAST_LINE = "gold: batch"  # of a run that came to its end


def run(target: StackPlace, options: Mapping[str, str]) -> int:
    """Rehearse beside the stack; 1 where something differs that must not.

    Raises:
        CommandFailed: It came to a stop; why.
    """
    form, is_kept = options.get("FORMAT", ""), is_on("KEEP", options)
    minutes = steady_minutes(options.get("STEADY", ""))
    settings = read_settings(ENVIRONMENT)
    wanted, most = settings.tasks.flow.memory, int(target.stack.values["FLOW_MOST_MEMORY_MIB"])
    if wanted > most:
        raise CommandFailed(
            f"{ENVIRONMENT} gives a flow run {wanted} MiB, and this stack's gate allows {most}:"
            " make up takes that over, and again"
        )
    if not WAREHOUSE_KEY.exists():
        raise CommandFailed("the local Snowflake knows no key yet: make up, and again")
    began = time.monotonic()
    try:
        rows = [*Rehearsal(target, settings, began, minutes).rows()]
    finally:
        if is_kept:
            kept = "pool, deployments and containers are kept: the next rehearsal ends them"
            _report(began, kept)
        else:
            _report(began, "pool, deployments and containers are taken away")
            clean_up(target, settings.prefect.pool)
    print_rows(rows, form)
    _report(began, "all that must be equal is" if is_passed(rows) else "something differs")
    return 0 if is_passed(rows) else 1


def steady_minutes(text: str) -> int:
    """Read STEADY: the minutes for which to start runs one after another; 0 if it is empty.

    Raises:
        CommandFailed: It is no such number.
    """
    if text and not (text.isdecimal() and int(text) <= MOST_MINUTES):
        raise CommandFailed(f"STEADY={text}: expected a number of minutes up to {MOST_MINUTES}")
    return int(text or "0")


def clean_up(target: StackPlace, pool: str) -> None:
    """Leave the stack as it was: without pool, deployments, containers and network of ours."""
    try:
        withdraw(target.prefect(), pool)  # first: a run that is cancelled isn't recovered
    finally:
        services.end_tasks(target.stack.project)
        services.stop(target.stack.project)
        services.remove_image(target.stack.values["NEXT_IMAGE"])


@dataclass
class Rehearsal:
    """One rehearsal: what it does, and what it finds on the way."""

    target: StackPlace
    settings: Settings
    began: float
    minutes: int = 0
    """Minutes for which runs go on one after another in the end."""

    def rows(self) -> Iterator[Row]:
        emulated = self._build()
        values = self.target.stack.values
        first, second = (services.image_id(values[name]) for name in ("FLOW_IMAGE", "NEXT_IMAGE"))
        production = self._production(emulated, first)
        yield from self._start(emulated, production)
        runs = Runs(self.target.prefect(), emulated, self.target.stack.project)
        following = self._swapped(self._production(emulated, second))
        deploys = Deploys(runs, following, first, second)
        yield from self._run_to_gold(runs, production, deploys)
        with Watch(self._checks(emulated)) as watch:
            yield from Disturbances(runs, deploys, self._report).rows()
            if self.minutes:
                yield self._go_on(runs)
            yield from watch.rows()
        yield self._verified()
        yield from STAND_INS
        yield from NOT_HERE

    def _production(self, emulated: Emulated, digest: str) -> Pool:
        image = f"{emulated.outputs.image_repository}@{digest}"
        return ecs_pool(self.settings, emulated.outputs, image)

    def _swapped(self, production: Pool) -> Pool:
        return swaps.swapped_pool(production, swaps.of_flow_runs(self.target.stack.values))

    def _build(self) -> Emulated:
        """The image of this working tree, as a deploy would build it, a second, and an account."""
        compose("build", "--quiet")
        services.make_next_image(self.target.stack.values)
        url = services.start_aws(self.settings)
        self._report("the emulated AWS is up")
        emulated = apply_infrastructure(self.settings, url)
        self._report(f"{emulated.made} resources of cloud/infra/ are made there")
        return emulated

    def _start(self, emulated: Emulated, production: Pool) -> Iterator[Row]:
        values = self.target.stack.values
        secrets = emulated.keep_secrets(swaps.secret_values(values, WAREHOUSE_KEY.read_text()))
        make_pool(self._swapped(production))
        changed = swaps.of_the_worker(values, self.settings)
        definition = emulated.definition(f"{self.settings.stack.name}-worker")
        with ThreadPoolExecutor(1) as executor:  # each takes ten seconds
            worker = executor.submit(
                services.start_worker, self.settings, definition, changed, secrets
            )
            make_deployments(production.name)
            worker.result()
        self._report(f"pool {production.name} has its deployments, and a worker")
        (container,) = definition["containerDefinitions"]
        inspected = services.inspect_service("ecs-worker")
        yield equal("worker: command", *map(" ".join, _commands(container, inspected)))
        here = {one.name: one.here for one in changed}
        yield from compare_container("worker", definition, inspected, here)
        found = environment(inspected)
        yield from swapped_rows("worker: ", variables(container), found, changed)

    def _run_to_gold(self, runs: Runs, production: Pool, deploys: Deploys) -> Iterator[Row]:
        before = self._batches()
        advance_clock(self.target.url("scan"), AHEAD_SECONDS)
        self._report(f"the ledger is {AHEAD_SECONDS // 60} min ahead: there is something to load")
        run = runs.start()
        task = runs.wait_for_task(run)
        self._report(f"run 1 runs as {task['taskArn'].partition(':task/')[2]}")
        yield from self._compare_task(runs.emulated, production, task)
        with (
            services.paused(self.target.stack.project, task["taskArn"]),
            ThreadPoolExecutor(1) as executor,  # each takes ten seconds
        ):
            replaced = executor.submit(services.replace_worker)
            deploys.deploy()
            replaced.result()
        self._report("another image was deployed, and the worker replaced, while run 1 goes on")
        ended = runs.wait_until_completed(run)
        self._report(f"run 1 is {ended['state_name']} after {ended['total_run_time']:.0f} s")
        tasks = len(runs.emulated.tasks_of(run))
        yield equal("tasks of a run whose worker was replaced", 1, tasks)
        yield equal("a run", "Completed", ended["state_name"])
        yield deploys.ended("a run during a second deploy", run, task, deploys.first)
        after = self._batches()
        for layer in LAYERS:
            old, new = before.get(layer, 0), after.get(layer, 0)
            yield holds(layer, "a new batch a run", f"batch {old} to {new}", is_so=new > old)
        yield self._logged(runs.emulated, task)

    def _compare_task(self, emulated: Emulated, production: Pool, task: Any) -> Iterator[Row]:
        registered = emulated.definition(task["taskDefinitionArn"])
        inspected = services.inspect_task(self.target.stack.project, task["taskArn"])
        changed = swaps.of_flow_runs(self.target.stack.values)
        expected = production_definition(production)
        (container,) = registered["containerDefinitions"]
        override = task["overrides"]["containerOverrides"][0]
        yield from compare_definitions(expected, registered, changed)
        yield compare_overrides(task)
        digest = container["image"].rpartition("@")[2]
        yield equal("image", digest, inspected["Image"])
        own = services.image_id(self.target.stack.values["FLOW_IMAGE"])
        yield equal("image of flow runs on the stack", digest, own)
        yield equal("task: command", *map(" ".join, _commands(override, inspected)))
        added = {**KEYS, **variables(override)}
        yield from compare_container("task", registered, inspected, added)

    def _logged(self, emulated: Emulated, task: Any) -> Row:
        lines = emulated.log_of(task)
        is_whole = any(_LAST_LINE in line for line in lines)
        last = "gold's batch among them" if is_whole else "gold's batch is missing"
        return holds(
            "log in CloudWatch", "all that a task writes", f"{len(lines)} lines, {last}",
            is_so=is_whole,
        )  # fmt: skip

    def _checks(self, emulated: Emulated) -> list[Check]:
        stack = self.settings.stack.name
        checks: list[Check] = []
        for part, service in (
            ("server", "prefect-server"),
            ("worker", services.WORKER),
            ("control", "control-worker"),
        ):
            (container,) = emulated.definition(f"{stack}-{part}")["containerDefinitions"]
            checks.append(Check(part, services.container_of(service), container["healthCheck"]))
        return checks

    def _go_on(self, runs: Runs) -> Row:
        until, count = time.monotonic() + self.minutes * 60, 0
        while time.monotonic() < until:
            run = runs.start()
            runs.wait_until_completed(run)
            count += 1
            if (tasks := len(runs.emulated.tasks_of(run))) != 1:
                return holds("steady state", "a task a run", f"{tasks} of run {run}", is_so=False)
        self._report(f"{count} runs in {self.minutes} minutes, one after another")
        summary = f"{count} runs in {self.minutes} min, each in one task"
        return holds("steady state", "each run in one task", summary, is_so=count > 0)

    def _verified(self) -> Row:
        scan = self.target.url("scan")
        with over_http(scan) as oracle:
            verdict = verify(self.target.warehouse(), ledger_network(scan), oracle)
        wrong = [table for table, found in verdict.differences.items() if found]
        self._report("all layers were held against the ledger's own account")
        return holds(
            "all layers",
            "what the ledger says",
            f"{sum(verdict.row_counts.values()):,} rows; different: {', '.join(wrong) or 'none'}",
            is_so=verdict.holds,
        )

    def _batches(self) -> dict[str, int]:
        with self.target.warehouse().session() as session:
            return {row["layer"]: row["batch_id"] for row in session.query(_BATCHES)}

    def _report(self, text: str) -> None:
        _report(self.began, text)


def _commands(override: Any, inspected: Any) -> tuple[list[str], list[str]]:
    return override["command"], inspected["Config"]["Cmd"]


def _report(began: float, text: str) -> None:
    """Print progress to standard error; standard output is for the table."""
    print(f"{time.monotonic() - began:5.0f} s  {text}", file=sys.stderr, flush=True)
