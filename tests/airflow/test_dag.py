"""The example's DAG does what the flows do, over the same `services`."""

import os
import re
import shlex
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from starlette.responses import Response

from mocks.canton_scan.app import create_app
from mocks.canton_scan.clock import SECOND
from services.catalog import GOLD_KEYS
from services.tables import print_table
from tests.airflow.command import DAG, PATIENCE_SECONDS, ROOT
from tests.integration.scans import FaultyScan
from tests.unit.docs.documents import Document

FLOWS = [
    ROOT / "flows" / f"{name}.py"
    for name in ("pipeline", "bronze_transactions", "silver_transactions", "gold_transactions",
                 "consume", "scan_steps", "steps", "assets")
]  # fmt: skip


@pytest.fixture
def settings(world):
    """The environment of a process that uses the Scan and the warehouse that were opened last."""
    return lambda: {**world.environment, **os.environ}


@pytest.fixture
def run_flows(world):
    """Runs the pipeline's flows as a program, against Prefect's server."""

    def run(environment, **parameters):
        arguments = [f"{name}={value}" for name, value in parameters.items()]
        done = subprocess.run(
            [sys.executable, "flows/pipeline.py", *arguments], env=environment, cwd=ROOT,
            check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout

    return run


class Stopwatch:
    """Seconds of what was done, by its name."""

    def __init__(self):
        self.seconds = {}

    @contextmanager
    def of(self, name):
        began = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - began


def code_lines(*files):
    """Lines that are neither empty nor a comment."""
    lines = [line.strip() for file in files for line in file.read_text().splitlines()]
    return sum(1 for line in lines if line and not line.startswith("#"))


def test_the_dag_gives_the_tables_that_the_flows_give(
    airflow, world, ledger, clock, pipeline, settings, run_flows, database
):
    history, quiet = ledger(1500), {"max_age_minutes": 0}
    of_dag, of_flows = Stopwatch(), Stopwatch()

    dag = pipeline(history, SNOWFLAKE_DATABASE=database)
    to_dag = settings()
    with of_dag.of("first run"):
        airflow.make_database(to_dag)
        airflow.runs(to_dag, **quiet)
    flows = pipeline(history, SNOWFLAKE_DATABASE="CANTON")
    to_flows = settings()
    with of_flows.of("first run"):
        world.children.wait_ready(world.start_prefect())
        run_flows(to_flows, **quiet)
    for table in GOLD_KEYS:
        assert dag.table(table) == flows.table(table)
    assert dag.state() == flows.state()
    assert min(len(dag.table(table)) for table in GOLD_KEYS) > 10

    clock.now += 100 * SECOND
    run_flows(to_flows, **quiet)
    airflow.runs(to_dag, **quiet)
    assert [batch["batch_id"] for batch in dag.batches()] == [1, 2] * 3
    assert dag.state() == flows.state()

    before = dag.state()
    with of_dag.of("run with nothing new"):
        airflow.runs(to_dag, **quiet)
    with of_flows.of("run with nothing new"):
        run_flows(to_flows, **quiet)
    assert dag.state() == flows.state() == before
    lines = {"lines of code": (code_lines(*FLOWS), code_lines(DAG))}
    seconds = {
        what: (f"{seconds:.1f} s", f"{of_dag.seconds[what]:.1f} s")
        for what, seconds in of_flows.seconds.items()
    }
    print_table([
        {"what": what, "Prefect": prefect, "Airflow": airflows}
        for what, (prefect, airflows) in {**lines, **seconds}.items()
    ])  # fmt: skip


def test_a_task_that_a_retry_helps_is_tried_again(airflow, ledger, pipeline, settings):
    scan = FaultyScan(create_app(ledger(50)))
    line = pipeline(scan.app)
    answers = iter([Response("no", 500)])
    scan.fault = lambda proper: next(answers, proper)
    airflow.make_database(settings())
    airflow.runs(settings(), max_age_minutes=0)
    assert scan.met > 1
    assert [batch["update_count"] for batch in line.batches()] == [50] * 3


def test_one_that_no_retry_helps_fails_at_once_and_slack_is_told(
    airflow, ledger, pipeline, settings, environment, inbox
):
    line = pipeline(ledger(50))
    airflow.make_database(settings())
    told = airflow.tries({**settings(), "CANTON_NETWORK": "0" * 12})
    assert told.returncode == 1
    assert "DagRun failed" in told.stdout
    (message,) = inbox()
    assert message == (
        ":x: *canton_transactions.load_bronze* failed\n"
        f"the Scan serves network {line.network}, but CANTON_NETWORK says 000000000000."
        " Was the test network reset, or does CANTON_BASE_URL point elsewhere?"
    )
    assert line.batches() == []


def test_the_page_types_what_airflow_knows(airflow):
    page = Document(ROOT / "docs/airflow-users.md")
    typed = [*page.inline(), *page.blocks("sh")[-1].replace(".airflow/bin/", "").splitlines()]
    commands = [shlex.split(line)[1:] for line in typed if line.startswith("airflow ")]
    assert len(commands) > 15
    unknown = ["dags", "lits"]
    assert airflow.refused([*commands, unknown]) == [unknown]


def locked(file):
    """The name and version of each package of a lock."""
    return set(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / file).read_text(), re.MULTILINE))


def test_services_has_the_packages_that_the_flows_have():
    flows, dag = locked("requirements/app.txt"), locked("examples/airflow/requirements.txt")
    shared = {name for name, _ in flows} & {name for name, _ in dag}
    assert shared > {"boto3", "httpx", "msgspec", "pydantic", "snowflake-snowpark-python"}
    assert {name for name, _ in flows ^ dag if name in shared} == {"fastapi"}
