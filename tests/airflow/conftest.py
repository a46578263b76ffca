"""The outside world of the integration tests, and an Airflow beside it."""

import pytest

from tests.airflow.command import Airflow
from tests.integration.conftest import (  # noqa: F401 -- pytest finds fixtures here
    clock,
    database,
    environment,
    inbox,
    ledger,
    pipeline,
    scan_host,
    world,
)


@pytest.fixture(scope="session")
def airflow(tmp_path_factory):
    """An Airflow without a database yet."""
    return Airflow(tmp_path_factory.mktemp("airflow"))
