"""The outside world of the integration tests: the processes of `make run`, started once a session.

Tests share one S3, one warehouse server, one Slack and one Prefect. What keeps them apart is a
network of their own, and a database of their own where that is not enough.
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from snowflake.connector.util_text import split_statements

from local.console.chosen_flow import PIPELINE, read_flow
from local.console.local_settings import BUCKET, foreign_free
from local.console.slack_inbox import slack_messages
from local.embedded import world
from local.embedded.children import Child, Children
from local.embedded.run import Run, Source, start_data_services
from local.embedded.state import StateFolder
from services.adapters.snowflake import Warehouse
from services.gold import ensure_rate
from services.migrate import migrate
from services.settings import read_snowflake
from services.wiring import open_warehouse

USD_RATE = Decimal("0.15")
_NO_SCAN = "http://127.0.0.1:9/api/scan"  # each test serves its own


@dataclass
class LocalWorld:
    """The running services, and the settings a container would get to reach them."""

    children: Children
    run: Run
    _prefect: Child | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """Settings of the flows; database `CANTON`, which most tests share."""
        return self.run.environment

    def warehouse(self, **settings: str) -> Warehouse:
        """The warehouse under changed settings: ``SNOWFLAKE_DATABASE="OTHER"``."""
        return open_warehouse(read_snowflake({**self.environment, **settings}))

    def new_database(self, name: str) -> Warehouse:
        """A database as infrastructure makes it, migrated, with a rate."""
        self.make_infrastructure(name)
        warehouse = self.warehouse(SNOWFLAKE_DATABASE=name)
        migrate(warehouse)
        ensure_rate(warehouse, USD_RATE, "set-up")
        return warehouse

    def make_infrastructure(self, name: str) -> None:
        """Database, schemas and stage under another name than the pipeline's own."""
        script = Path(world.INIT_SQL).read_text().replace("${LANDING_BUCKET}", BUCKET)
        script = script.replace("exists CANTON;", f"exists {name};").replace("CANTON.", f"{name}.")
        with self.warehouse().session() as session:
            for statement, _ in split_statements(StringIO(script), remove_comments=True):
                if statement:
                    session.execute(statement)

    def start_prefect(self) -> Child:
        """Prefect's server, started once; it takes ten seconds and more to answer."""
        if self._prefect is None:
            self._prefect = self.children.start(world.prefect(self.run.state, self.run.ports))
        return self._prefect

    def stack_values(self) -> dict[str, str]:
        """The addresses of these services for a stack's commands, as `.stack/env` has them."""
        ports = self.run.ports
        return {
            "PREFECT_PORT": str(ports.prefect),
            "PREFECT_AUTH": "nobody:asks",
            "S3_PORT": str(ports.s3),
            "SLACK_PORT": str(ports.slack),
            "SNOWFLAKE_PORT": str(ports.snowflake),
            "WAREHOUSE_PASSWORD": self.environment["SNOWFLAKE_PASSWORD"],
        }

    def slack_messages(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the messages that Slack received after the one with the id `after`."""
        return slack_messages(self.run.ports.url("slack"), after)


@contextmanager
def start_world(root: Path) -> Generator[LocalWorld]:
    """Start S3, warehouse and Slack, and make what infrastructure makes."""
    state = StateFolder("world", root)
    state.prepare()
    ports = world.choose_ports({})
    environment = {
        **foreign_free(_without_settings(os.environ)),
        **world.pipeline_environment(state, ports),
        "CANTON_BASE_URL": _NO_SCAN,
        "CANTON_START_AT": "genesis",
    }
    flow = read_flow({}, default=PIPELINE)
    run = Run(flow, Source("world", base_url=_NO_SCAN), state, ports, environment)
    with Children(state.path / "logs", environment) as children:
        ensure_rate(start_data_services(run, children), USD_RATE, "set-up")
        yield LocalWorld(children, run)


def _without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("CANTON_")}
